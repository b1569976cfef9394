"""Programs that come as optional packages."""

import sys
from importlib.util import find_spec
from pathlib import Path

from stack.problem import StackError

REMEDY = "run `make full`"


def folder(name: str) -> Path:
    """Folder of an installed package; it is found, not imported.

    Raises:
        StackError: the package is not installed.
    """
    found = find_spec(name)
    if not found or not found.origin:
        raise StackError(f"the profile full needs the package {name}", REMEDY)
    return Path(found.origin).parent


def script(name: str) -> Path:
    """A program that a package put beside the Python interpreter.

    Raises:
        StackError: it is not there.
    """
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise StackError(f"the profile full needs the program {name}", REMEDY)
    return path
