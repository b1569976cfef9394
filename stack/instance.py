"""Where an instance keeps what: folders, ports, secrets and the socket of its supervisor."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stack.ports import Ports
from stack.problem import StackError
from stack.secrets import secret

MARKER = "SMART_MAINTENANCE_INSTANCE"  # environment variable of every process of an instance: its home
SOCKET_BYTES_MAX = 90  # the system allows 107; supervisord adds its process id while it binds
FORBIDDEN = ':,"%\\\n'  # these separate things in class paths, Kafka's folders or supervisord's file


@dataclass(frozen=True)
class Instance:
    """One instance of the product on this machine, identified by its home folder."""

    home: Path

    def __post_init__(self) -> None:
        """Refuse homes that the programs cannot cope with."""
        if set(FORBIDDEN) & set(str(self.home)):
            raise StackError(f"the home {str(self.home)!r} holds one of {FORBIDDEN!r}", "set MAINT_HOME to another folder")

    @property
    def data(self) -> Path:
        """Data of the servers."""
        return self._folder(self.home / "data")

    @property
    def logs(self) -> Path:
        """Rotated logs, one per service."""
        return self._folder(self.home / "logs")

    @property
    def run(self) -> Path:
        """Configuration and process ids of the running stack."""
        return self._folder(self.home / "run")

    @cached_property
    def ports(self) -> Ports:
        """Ports of the servers."""
        return Ports(self.home / "ports.json")

    @cached_property
    def tag(self) -> str:
        """Short name that differs between homes."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()[:12]

    @cached_property
    def socket(self) -> Path:
        """Socket of the supervisor: in the home, or in a short private folder when the path would be too long."""
        path = self.run / "supervisor.sock"
        if len(os.fsencode(path)) <= SOCKET_BYTES_MAX:
            return path
        folder = Path(tempfile.gettempdir()) / f"smart-maintenance-{os.geteuid()}"
        self._folder(folder)
        if folder.lstat().st_uid != os.geteuid() or folder.is_symlink():
            raise StackError(f"{folder} belongs to somebody else", "remove it or set TMPDIR to a short private folder")
        folder.chmod(0o700)
        return folder / f"{self.tag}.sock"

    def secret(self, name: str) -> str:
        """A generated secret of this instance."""
        return secret(self.home / "secrets", name)

    @staticmethod
    def _folder(path: Path) -> Path:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path
