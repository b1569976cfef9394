"""Where compiled kernels are kept: a folder named by all their sources.

numba itself looks at the file of the called function only. After an upgrade it would go on using an old caller with the old
code of its callees inside, and fail on a class that is gone.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import processors
import schemas
from streams import transport

OTHERS_KEPT = 2
VARIABLE = "NUMBA_CACHE_DIR"  # of numba; who sets it (an image that never changes) knows better


def keep() -> None:
    """Name the folder to numba; call before anything imports numba."""
    if VARIABLE in os.environ:
        return
    place = Path(processors.__path__[0]) / "__pycache__"
    chosen = place / f"kernels-{digest(sources())}"
    prune(place, chosen)
    os.environ[VARIABLE] = str(chosen)


def prune(place: Path, chosen: Path) -> None:
    """Remove all folders but the chosen one and the newest others: a process of the code before an upgrade may still compile there."""
    others = [folder for folder in place.glob("kernels-*") if folder != chosen]
    for old in sorted(others, key=lambda folder: folder.stat().st_mtime)[:-OTHERS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def sources() -> list[Path]:
    """Files whose code can end up in a kernel."""
    return sorted(path for package in (processors, schemas, transport) for path in Path(package.__path__[0]).rglob("*.py"))


def digest(files: Iterable[Path]) -> str:
    """Of names and contents, 16 hexadecimal digits."""
    found = hashlib.sha256()
    for path in files:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]
