"""What makes a figure honest: the model as read back from its own files, an interval over units, the measured cost of a row."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from models.artifact import Artifact, read
from models.predictor import Predictor
from models.table import FloatArray, IntArray

ROUNDS = 400
ROWS = 2000  # of a timed batch


def served(artifact: Artifact) -> Artifact:
    """The artifact as a server gets it: written, read, digest checked."""
    with TemporaryDirectory() as folder:
        return read(Path(folder), artifact.write(Path(folder)))


def interval(figure: Callable[[IntArray], float], unit: IntArray, seed: int = 0, rounds: int = ROUNDS) -> tuple[float, float]:
    """95 % bootstrap interval of a figure of rows, drawn by whole units.

    Args:
        figure: of the rows with these numbers, some several times.
        unit: (n,) what each row belongs to.
        seed: of the draws.
        rounds: number of draws.

    """
    order = np.argsort(unit, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(unit[order])) + 1)
    random = np.random.default_rng(seed)
    drawn = [figure(np.concatenate([parts[k] for k in random.integers(len(parts), size=len(parts))])) for _ in range(rounds)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def row_us(model: Predictor, rows: FloatArray) -> float:
    """Microseconds a row, in a batch, the best of three."""
    batch = np.resize(rows, (ROWS, rows.shape[1]))
    model.predict(batch[:1])
    best = min(_seconds(model, batch) for _ in range(3))
    return best / ROWS * 1e6


def _seconds(model: Predictor, batch: FloatArray) -> float:
    begin = time.perf_counter()
    model.predict(batch)
    return time.perf_counter() - begin
