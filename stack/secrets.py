"""Secrets of an instance: generated at the first use, one file each, readable by its owner only."""

import os
import secrets
from pathlib import Path
from threading import Lock

FIRST = Lock()  # services are made in parallel, and two may ask for the same new secret


def secret(folder: Path, name: str) -> str:
    """The secret of this name; 24 random bytes in URL-safe letters when it is new."""
    path = folder / name
    with FIRST:
        if path.exists():
            return path.read_text(encoding="utf-8")
        value = secrets.token_urlsafe(24)
        write_private(path, value)
        return value


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that nobody else could read at any moment (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
