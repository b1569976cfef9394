"""What makes a figure honest: the model as read back from its own files, an interval over units, the measured cost of a row."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.stats import binomtest

from models.artifact import Artifact, read
from models.predictor import Predictor
from models.table import FloatArray, IntArray

ROUNDS = 400
ROWS = 2000  # of a timed batch
SAME = 1e-12  # relative width below which draws do not differ


def served(artifact: Artifact) -> Artifact:
    """The artifact as a server gets it: written, read, digest checked."""
    with TemporaryDirectory() as folder:
        return read(Path(folder), artifact.write(Path(folder)))


def interval(
    figure: Callable[[IntArray], float], unit: IntArray, seed: int = 0, rounds: int = ROUNDS, *, whole: float = float("nan")
) -> tuple[float, float]:
    """95 % bootstrap interval of a figure of rows, drawn by whole units. Never one without width.

    Where all units agree, draws say nothing: a share gets the exact binomial interval of so many units (Clopper and Pearson), any
    other figure none (NaN, NaN).

    Args:
        figure: of the rows with these numbers, some several times.
        unit: (n,) what each row belongs to.
        seed: of the draws.
        rounds: number of draws.
        whole: of a share: its value if every unit counted once, for example 1 or 100; NaN: the figure is no share.

    """
    order = np.argsort(unit, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(unit[order])) + 1)
    random = np.random.default_rng(seed)
    drawn = [figure(np.concatenate([parts[k] for k in random.integers(len(parts), size=len(parts))])) for _ in range(rounds)]
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    if high - low > SAME * max(abs(high), 1.0):
        return low, high
    return _agreed(low / whole, len(parts), whole)


def _agreed(share: float, units: int, whole: float) -> tuple[float, float]:
    """Of units that all count, or of which none does.

    >>> [round(end, 3) for end in _agreed(1.0, 290, 1.0)]
    [0.987, 1.0]
    """
    if not np.isclose(share, [0.0, 1.0]).any():
        return float("nan"), float("nan")
    ends = binomtest(round(share) * units, units).proportion_ci()
    return float(ends.low * whole), float(ends.high * whole)


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
