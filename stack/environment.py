"""Make or update .venv from the lock files. Runs before anything is installed: standard library only.

    python3 -I stack/environment.py core|dev|full|bridge

The stamp in .venv tells which sets it holds and from which locks: nothing is done twice, and a set that is
there stays there (`make demo` takes nothing away from an environment for development).
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "smart-maintenance.stamp"
PYTHON = VENV / "bin/python"
UV = VENV / "bin/uv"
LOCKS = {
    "core": "requirements.lock",
    "dev": "requirements-dev.lock",
    "full": "requirements-full.lock",
    "bridge": "requirements-bridge.lock",
}
VERSIONS = ((3, 11), (3, 14))  # oldest and newest we support
INDEX = "check the network, or name your package index in PIP_INDEX_URL"


class SetupError(Exception):
    """A step failed; the text says what to do."""


def main(wanted: str) -> None:
    """Bring .venv to hold the wanted set.

    Raises:
        SetupError: the interpreter does not fit, or a step failed.
    """
    check_python(sys.version_info[:2])
    present = stamped(STAMP.read_text(encoding="utf-8") if STAMP.exists() else "")
    if satisfied(wanted, present):
        return
    sets = merged(wanted, set(present))
    began = time.monotonic()
    say(f"environment ({' + '.join(sorted(sets))}) from the lock files; the first time this downloads about 250 MB")
    make()
    STAMP.unlink(missing_ok=True)  # half-made from here on
    install(sets)
    later = [fetch_jars(), warm_kernels()]
    for process, title in later:
        if process and process.wait() != 0:
            say(f"{title} failed; it is tried again when it is needed")
    STAMP.write_text("".join(f"{name} {digest(name)}\n" for name in sorted(sets)), encoding="utf-8")
    say(f"environment ready after {time.monotonic() - began:.0f} s")


def check_python(version: tuple[int, ...]) -> None:
    """Refuse interpreters that the locked packages do not know."""
    oldest, newest = VERSIONS
    if not oldest <= version <= newest:
        raise SetupError(f"Python {version[0]}.{version[1]} is not supported: install Python 3.11 to 3.14 and run `make PYTHON=python3.11`")


def stamped(text: str) -> dict[str, str]:
    """Sets in a stamp with the digest of their lock.

    >>> stamped("core 12ab")
    {'core': '12ab'}
    """
    return dict(line.split() for line in text.splitlines())


def digest(name: str) -> str:
    """Digest of the set's lock and of pyproject.toml, which names our own command."""
    content = (ROOT / LOCKS[name]).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content).hexdigest()


def satisfied(wanted: str, present: dict[str, str]) -> bool:
    """True when every set there is up to date, and the wanted one is among them. Every set contains core."""
    fresh = all(digest(name) == value for name, value in present.items())
    return bool(present) and fresh and (wanted in present or wanted == "core")


def merged(wanted: str, present: set[str]) -> set[str]:
    """Sets to install: the wanted one and those that are there.

    >>> sorted(merged("full", {"dev"})), sorted(merged("core", {"dev"})), sorted(merged("dev", {"core"}))
    (['dev', 'full'], ['dev'], ['dev'])
    """
    return ((present & LOCKS.keys()) | {wanted}) - {"core"} or {"core"}


def make() -> None:
    """Create .venv with nothing but uv in it, which installs ten times faster than pip."""
    if UV.exists() and PYTHON.exists():
        return
    own_pip = find_spec("pip") is not None  # Debian splits pip and ensurepip off: either is enough
    if not own_pip and find_spec("ensurepip") is None:
        raise SetupError("this Python has neither pip nor ensurepip: apt-get install python3-venv, or run `make PYTHON=...` with another")
    without = ["--without-pip"] if own_pip else []
    run([sys.executable, "-m", "venv", "--clear", *without, VENV], "cannot create .venv", "see above")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", PYTHON] if own_pip else [PYTHON, "-m", "pip"]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "uv.lock"
        part.write_text(entry((ROOT / LOCKS["core"]).read_text(encoding="utf-8"), "uv"), encoding="utf-8")
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        run([*pip, "install", *options, "-r", part], "cannot install uv", INDEX)


def entry(lock: str, package: str) -> str:
    r"""The lines of one package in a lock.

    >>> entry("a==1 \\\n    --hash=x\nb==2 \\\n    --hash=y\nc==3\n", "b")
    'b==2 \\\n    --hash=y\n'
    """
    found = re.search(rf"^{package}==.*\n(?:[ \t].*\n)*", lock, re.MULTILINE)
    if not found:
        raise SetupError(f"the lock has no entry for {package}: run `git checkout requirements.lock`")
    return found[0]


def install(sets: set[str]) -> None:
    """Install exactly what the locks of the sets name, then our own command."""
    locks = [ROOT / LOCKS[name] for name in sorted(sets)]
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    run([UV, "pip", "sync", *quiet, "--python", PYTHON, "--require-hashes", *locks], "cannot install the packages", INDEX)
    own: list[str | Path] = ["--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT]
    run([UV, "pip", "install", "--python", PYTHON, *own], "cannot install the command maint", "see above")


def fetch_jars() -> tuple[subprocess.Popen[bytes] | None, str]:
    """Start to download Kafka, unless there is one already."""
    if os.environ.get("KAFKA_HOME") or os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return None, ""
    return subprocess.Popen([PYTHON, "-c", "from stack import kafka; kafka.libraries()"], cwd=ROOT), "the download of Kafka"


def warm_kernels() -> tuple[subprocess.Popen[bytes], str]:
    """Start to compile the kernels of the data plane into their cache."""
    return subprocess.Popen(
        [PYTHON, "-c", "from streams import kernels; kernels.keep(); from streams.agents import acquisition; acquisition.warm()"], cwd=ROOT
    ), "compiling the kernels"


def run(command: list[str | Path], failure: str, remedy: str) -> None:
    """Run a step; its output goes to the terminal.

    Raises:
        SetupError: it failed.
    """
    environment = dict(os.environ)
    if "PIP_INDEX_URL" in os.environ:
        environment.setdefault("UV_DEFAULT_INDEX", os.environ["PIP_INDEX_URL"])
    environment.pop("VIRTUAL_ENV", None)
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise SetupError(f"{failure}: {remedy}")


def say(text: str) -> None:
    """One line for the person who waits."""
    sys.stderr.write(f"setup: {text}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupError as error:
        say(str(error))
        sys.exit(1)
