"""Sudden lasting changes of level: where, from what to what. What they mean is for others to say."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from report.series import Floats, Series

BLOCKS_MAX: Final = 2_000  # a series is looked at in this many blocks at most
BLOCK_MIN: Final = 5  # readings
WIDE: Final = 5  # blocks on each side of a step
CLOSE: Final = 15  # readings on either side that tell the levels: few, because what sways has moved on after more
SCORE_MIN: Final = 6.0  # noises
ABRUPT: Final = 0.6  # share of the step that lies between two readings
STEPS_MAX: Final = 100
TO_SIGMA: Final = 1.4826  # of a median absolute deviation


@dataclass(frozen=True, slots=True)
class Step:
    """A sudden change of level.

    Attributes:
        ts_us: time of the first reading after it.
        gap_us: time since the reading before.
        before, after: medians of the readings on either side.
        noise_before, noise_after: robust standard deviations on either side.
    """

    ts_us: int
    gap_us: int
    before: float
    after: float
    noise_before: float
    noise_after: float

    @property
    def size(self) -> float:
        """How far the level moved."""
        return abs(self.after - self.before)


def steps(rows: Series) -> list[Step]:
    """Steps of a series in order of time.

    Args:
        rows: in order of time, one per time.
    """
    size = max(BLOCK_MIN, -(-len(rows.ts) // BLOCKS_MAX))
    count = len(rows.ts) // size
    if count < 2 * WIDE:
        return []
    medians = np.median(rows.value[: count * size].reshape(count, size), axis=1)
    windows = sliding_window_view(medians, WIDE)
    level = np.median(windows, axis=1)
    spread = TO_SIGMA * np.median(np.abs(windows - level[:, None]), axis=1)
    before, after = level[:-WIDE], level[WIDE:]
    floor = TO_SIGMA * float(np.median(np.abs(np.diff(medians)))) + 1e-9 * float(np.median(np.abs(medians))) + 1e-12
    score = np.abs(after - before) / np.maximum(np.maximum(spread[:-WIDE], spread[WIDE:]), floor)
    peaks = _peaks(score, np.abs(after - before))
    found = [_place(rows, (at + WIDE) * size, size, (float(before[at]), float(after[at]))) for at in peaks]
    return sorted((step for step in found if step is not None), key=lambda step: step.ts_us)


def _peaks(score: Floats, size: Floats) -> list[int]:
    """Where the score is high enough, the largest step first, each far enough from the others."""
    chosen: list[int] = []
    for at in np.argsort(-np.where(score >= SCORE_MIN, size, 0.0)).tolist():
        if score[at] < SCORE_MIN or len(chosen) >= STEPS_MAX:
            break
        if all(abs(at - other) > WIDE for other in chosen):
            chosen.append(at)
    return chosen


def _place(rows: Series, near: int, size: int, levels: tuple[float, float]) -> Step | None:
    """The step around a reading, where the fewest readings lie on the wrong side of it; None if the change is no sudden one."""
    first, last = max(near - WIDE * size, 1), min(near + WIDE * size, len(rows.value))
    part = rows.value[first:last]
    new = np.abs(part - levels[1]) < np.abs(part - levels[0])
    wrong = np.concatenate(([0], np.cumsum(new))) + np.concatenate((np.cumsum(~new[::-1])[::-1], [0]))
    at = min(first + int(np.argmin(wrong)), len(rows.value) - 1)
    old, fresh = rows.value[max(at - CLOSE, 0) : at], rows.value[at : at + CLOSE]
    before, after = float(np.median(old)), float(np.median(fresh))
    size_min = ABRUPT * abs(levels[1] - levels[0])
    if abs(after - before) < size_min or abs(rows.value[at] - rows.value[at - 1]) < size_min:
        return None
    return Step(int(rows.ts[at]), int(rows.ts[at] - rows.ts[at - 1]), before, after, _noise(old, before), _noise(fresh, after))


def _noise(values: Floats, centre: float) -> float:
    return TO_SIGMA * float(np.median(np.abs(values - centre)))
