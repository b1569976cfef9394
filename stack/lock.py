"""Write the locks of the Java programs anew: python -m stack.lock, after a version below was changed."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from stack.jars import LOCKS

KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"  # without it Kafka says nothing
REGISTRY = ("io.apicurio", "apicurio-registry-app", "3.3.3", "all", "tar.gz")


def main() -> None:
    """Resolve the programs and note what their files are."""
    from jgo.maven import MavenContext  # noqa: PLC0415  of no use elsewhere

    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=60)
        kafka = context.create_dependency(KAFKA)
        inputs, others = context.resolver.resolve([kafka])  # alone: Log4j's own pins would replace Kafka's
        logging = context.create_dependency(LOGGING)
        write("kafka", [dependency.artifact for dependency in (*inputs, *others, logging)])
        group, name, version, classifier, packaging = REGISTRY
        write("registry", [context.project(group, name).at_version(version).artifact(classifier, packaging)])


def write(name: str, artifacts: list[Any]) -> None:
    """One line per file, sorted."""
    lines = sorted(line(artifact) for artifact in artifacts)
    (LOCKS / f"{name}.lock").write_text("\n".join(lines) + "\n", encoding="utf-8")


def line(artifact: Any) -> str:  # noqa: ANN401  jgo's class
    """Name, digest and size of a file."""
    content = artifact.resolve().read_bytes()
    more = f":{artifact.classifier}:{artifact.packaging}" if artifact.classifier else ""
    name = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}{more}"
    return f"{name} {hashlib.sha256(content).hexdigest()} {len(content)}"


if __name__ == "__main__":
    main()
