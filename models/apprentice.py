"""A training in a process of its own, which can be ended: `python -m models.apprentice FOLDER`.

The folder holds task.json (module, folder and seed of a recipe); what was made is written beside it, whole or not at all.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.artifact import read
from models.recipe import Recipe, Trained
from models.runs import MODEL, write
from models.tracking import first_line
from models.version import card

TASK: Final = "task.json"
MADE: Final = "made"
FAILED: Final = "failed.txt"
THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class TrainingError(RuntimeError):
    """The training failed; the text says how."""


class OvertimeError(TrainingError):
    """It took longer than it may and was ended."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to train: a recipe by its module, the folder of its data, its seed."""

    name: str
    module: str
    folder: Path
    seed: int


def train(task: Task, room: Path, limit_s: float) -> Trained:
    """Train in another process, at the lowest priority and with one thread.

    Args:
        task: what to train.
        room: an empty folder.
        limit_s: then the process and all that it started are killed.

    Raises:
        OvertimeError: the time was over.
        TrainingError: it raised, ended, or left nothing that can be read.

    """
    (room / TASK).write_text(json.dumps({"name": task.name, "module": task.module, "folder": str(task.folder), "seed": task.seed}))
    with (room / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(room)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **dict.fromkeys(THREADS, "1")},
            start_new_session=True,
        )
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise OvertimeError(f"took longer than {limit_s:g} s and was ended") from None
        finally:
            _kill(process)
    if code or not (room / MADE).is_dir():
        raise TrainingError(_told(room) or f"the process ended with code {code}")
    return _read(room / MADE)


def main(room: Path) -> None:
    """The process: nothing is left under the final name unless all of it was written."""
    os.nice(19)
    try:
        told = json.loads((room / TASK).read_text())
        trained = Recipe(told["name"], "", told["module"]).train(Path(told["folder"]), told["seed"])
        half = room / "half"
        write(trained, half)
        (half / "digest.txt").write_text(trained.artifact.digest())
        (half / "parameters.json").write_text(json.dumps(trained.parameters))
        half.rename(room / MADE)
    except Exception as error:
        (room / FAILED).write_text(first_line(error))
        raise


def _read(made: Path) -> Trained:
    try:
        artifact = read(made / MODEL, (made / "digest.txt").read_text())
        example = np.array(json.loads((made / "input_example.json").read_text())["data"], np.float64).reshape(-1, len(artifact.inputs))
        plots = {path.name: path.read_bytes() for path in sorted((made / "plots").iterdir())}
        return Trained(artifact, card((made / "card.json").read_text()), example, json.loads((made / "parameters.json").read_text()), plots)
    except (OSError, ValueError) as error:
        raise TrainingError(f"what it made cannot be read: {first_line(error)}") from error


def _told(room: Path) -> str:
    path = room / FAILED
    return path.read_text() if path.exists() else ""


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """The process and what it started; it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
