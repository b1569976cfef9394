"""Java programs from a Maven repository, checked against our own lock before use.

A lock file has a line per file: group:artifact:version[:classifier:packaging] sha256 size.
Verified files are shared by all instances of a user: they live in the user's cache folder.
"""

import fcntl
import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.problem import StackError

LOCKS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a lock; size in bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    packaging: str
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.artifact}-{self.version}{'-' * bool(self.classifier)}{self.classifier}.{self.packaging}"


def parse(text: str) -> tuple[Entry, ...]:
    """Entries of a lock.

    >>> parse("org.example:thing:1.0 ab 12")[0].file
    'thing-1.0.jar'
    """
    return tuple(_entry(*line.split()) for line in text.splitlines() if line.strip())


def _entry(name: str, sha256: str, size: str) -> Entry:
    group, artifact, version, *rest = name.split(":")
    classifier, packaging = rest or ("", "jar")
    return Entry(group, artifact, version, classifier, packaging, sha256, int(size))


def cache_default() -> Path:
    """Folder of downloads that all instances of this user share (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "smart-maintenance"


def fetch(name: str, *, remedy: str) -> Path:
    """Folder with the verified files of `stack/<name>.lock`; archives are unpacked.

    Raises:
        StackError: a file cannot be downloaded or is not the one of the lock; ends with the given remedy.
    """
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    cache = cache_default()
    target = cache / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{name}.lock"):
        if not target.exists():
            _fill(target, parse(text), remedy)
    return target


def _fill(target: Path, entries: tuple[Entry, ...], remedy: str) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as staging:
        folder = Path(staging) / "files"
        folder.mkdir()
        with ThreadPoolExecutor(8) as pool:
            files = list(pool.map(lambda entry: _download(entry, Path(staging), remedy), entries))
        for entry, file in zip(entries, files, strict=True):
            if entry.packaging == "tar.gz":
                _unpack(file, folder)
            else:
                shutil.copyfile(file, folder / entry.file)
        folder.rename(target)  # at once: a folder that exists is complete


def _download(entry: Entry, staging: Path, remedy: str) -> Path:
    import requests  # noqa: PLC0415  only when something is missing
    from jgo.constants import default_maven_repo  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    mirror = os.environ.get("MAVEN_REPOSITORY")
    context = MavenContext(
        repo_cache=staging,
        local_repos=[default_maven_repo()],
        remote_repos={"mirror": mirror} if mirror else None,
        timeout=60,
    )
    component = context.project(entry.group, entry.artifact).at_version(entry.version)
    try:
        file: Path = component.artifact(entry.classifier, entry.packaging).resolve()
    except (requests.RequestException, OSError, RuntimeError) as error:
        raise StackError(f"cannot download {entry.file} ({type(error).__name__})", remedy) from error
    if file.stat().st_size != entry.size or _sha256(file) != entry.sha256:
        raise StackError(f"{entry.file} is not the file our lock names", f"the repository or its cache is wrong; {remedy}")
    return file


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):  # Python 3.11.0 to 3.11.3 lack it; the archive's checksum is ours
            tar.extractall(folder, filter="data")
        else:
            tar.extractall(folder)  # noqa: S202


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
