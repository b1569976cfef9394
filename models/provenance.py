"""Where a model came from: the commit of the code, the lock of the libraries, the time."""

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = "requirements-full.lock"


def commit() -> str:
    """The git commit of the code, with "+changes" when files differ from it; "" where this is no repository."""
    head = _git("rev-parse", "HEAD")
    return f"{head}+changes" if head and _git("status", "--porcelain", "--untracked-files=no") else head


def lock() -> str:
    """sha256 of the lock file, hexadecimal; "" where the code came without it."""
    path = ROOT / LOCK
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def now() -> str:
    """The time, UTC, ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
