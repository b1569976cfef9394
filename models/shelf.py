"""The last good models on the local disk: a process starts with them when MLflow and the object store are away."""

import json
import shutil
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from models.artifact import Artifact, ArtifactError, read
from models.version import Version, VersionError, restore, store

KNOWN: Final = "versions.json"

Fetch = Callable[[Version, Path], Path]


class Shelf:
    """Files of models by their digest, and the newest list of versions.

    Args:
        folder: made when it is first needed.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, versions: Collection[Version]) -> None:
        """Keep the list for a start without MLflow."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._folder / f"{KNOWN}.new"
        new.write_text(json.dumps([store(known) for known in versions]), encoding="utf-8")
        new.replace(self._folder / KNOWN)

    def recall(self) -> tuple[Version, ...]:
        """The list as it was kept; empty where there is none or it is damaged."""
        try:
            told = json.loads((self._folder / KNOWN).read_text(encoding="utf-8"))
            return tuple(restore(each) for each in told)
        except (OSError, ValueError, TypeError, VersionError):
            return ()

    def has(self, known: Version) -> bool:
        """Whether the files of a version are here."""
        return (self._folder / known.digest).is_dir()

    def take(self, known: Version, fetch: Fetch) -> Artifact:
        """The model of a version: from here, or fetched, checked and kept.

        Raises:
            ArtifactError: what was fetched is not what was registered; nothing of it is kept.

        """
        place = self._folder / known.digest
        if place.is_dir():
            try:
                return read(place, known.digest)
            except ArtifactError:  # this disk's fault: fetched anew
                shutil.rmtree(place, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".new-") as room:
            found = fetch(known, Path(room) / "files")
            artifact = read(found, known.digest)
            found.replace(place)
        return artifact

    def prune(self, kept: Collection[str]) -> None:
        """Remove the files of every digest that is not to be kept, and what an interrupted download left."""
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.is_dir() and path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
