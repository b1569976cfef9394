"""The table of settings as Markdown: `python -m settings.table > docs/settings.md`."""

from typing import Final

from pydantic import SecretStr

from settings import STANDARD, Settings

HEAD: Final = """# Settings

Read from the environment first, then from the instance's own file, then the default here.
Unknown `MAINT_` names are errors.
This file is made by `python -m settings.table > docs/settings.md`.

| name | default | meaning |
|---|---|---|
"""

TAIL: Final = """
## Programs

Only where the instance starts its own servers. What is installed wins over what came as a package.

| name | meaning |
|---|---|
| `JAVA_HOME` | A Java of version 17 or newer; else the packaged runtime. |
| `KAFKA_HOME` | An unpacked Apache Kafka 4; else the jars of our lock, from `MAVEN_REPOSITORY` or Maven Central. |
| `KAFKA_HEAP_OPTS`, `KAFKA_JVM_PERFORMANCE_OPTS` | As for Kafka's own scripts. |
| `PG_BINDIR` | Folder of PostgreSQL's programs, 15 or newer; else those of Debian's package, else the packaged ones. |
"""


def markdown() -> str:
    """The whole page; a test keeps docs/settings.md equal to it."""
    return HEAD + "".join(_row(field) for field in Settings.model_fields) + TAIL


def _row(field: str) -> str:
    info = Settings.model_fields[field]
    name = STANDARD.get(field, f"MAINT_{field.upper()}")
    default = "~/.local/share/smart-maintenance" if field == "home" else info.default
    shown = "" if default in ("", None) or isinstance(default, SecretStr) else f"`{default}`"
    return f"| `{name}` | {shown} | {info.description} |\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201  a page on standard output is its purpose
