"""The instance's own file: what `maint up` found out or generated (addresses, passwords), mode 0600."""

import os
from pathlib import Path

FILE = "instance.env"


def home_default() -> Path:
    """Folder of the default instance (XDG Base Directory Specification)."""
    base = os.environ.get("MAINT_HOME")
    if base:
        return Path(base).expanduser()
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share").expanduser() / "smart-maintenance"


def instance_values(home: Path) -> dict[str, str]:
    """Settings (lower-case field names) the instance wrote; empty when it never ran."""
    path = home / FILE
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def write_instance(home: Path, values: dict[str, str]) -> None:
    """Replace the instance's file, readable by its owner only."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / (FILE + ".new")
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in sorted(values.items())), encoding="utf-8")
    path.replace(home / FILE)
