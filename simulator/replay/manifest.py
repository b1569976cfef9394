"""What is known of a replay: which files, which shift, how far it has come. One JSON file under <home>/replay/.

The name of the file follows from the data: same files and same options, same manifest. So a second run knows of the first.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulator.replay.files import ReplayError, fingerprint
from simulator.replay.recording import Recording

FOLDER = "replay"


@dataclass(slots=True)
class Manifest:
    """State of one replay.

    Attributes:
        path: its file.
        recording: name of the data set.
        files: name, bytes and sha256 of each file.
        options: what else decided the readings.
        namespace: of the topics they went to.
        shift_us: added to every recorded time, fixed at the first run; None before it.
        position: readings confirmed by the broker, in the order of the recording.
        rows: readings in all.
        completed: how often all of it was published.
    """

    path: Path
    recording: str
    files: list[dict[str, str | int]]
    options: dict[str, str]
    namespace: str
    shift_us: int | None = None
    position: int = 0
    rows: int = 0
    completed: int = 0

    def save(self) -> None:
        """Write it; a crash leaves the old or the new state, never half of one."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self.path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as text:
            json.dump({name: value for name, value in asdict(self).items() if name != "path"}, text, indent=1)
            text.flush()
            os.fsync(text.fileno())
        new.replace(self.path)


def open_manifest(home: Path, recording: Recording, *, namespace: str) -> Manifest:
    """The manifest of these files and options, or a new one.

    Raises:
        ReplayError: the file of the manifest is damaged.
    """
    files = fingerprint(recording.files)
    identity: dict[str, Any] = {"recording": recording.name, "files": files, "options": recording.options, "namespace": namespace}
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
    path = home / FOLDER / f"{recording.name}-{digest}.json"
    if not path.exists():
        return Manifest(path, **identity)
    try:
        return Manifest(path, **json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ReplayError(path, f"the manifest is damaged ({error}); remove it to replay from the beginning") from None
