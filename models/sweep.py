"""The score of the Numenta anomaly benchmark: early hits in a window count most, each false row costs, one threshold for all files.

Written from the published definition (A. Lavin, S. Ahmad, ICMLA 2015). Rows of the probation, the first 15 % of a file and at
most 750, do not count. Detector scores are rounded to 12 digits as the published result files are: without it, a score of
1 - 1e-13 and one of 1 part what the published figures hold equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.table import FloatArray, IntArray, Table

PROBATION: Final = 0.15
PROBATION_ROWS: Final = 5000
DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Profile:
    """What a hit earns, a missed window costs and a false row costs at most."""

    name: str
    hit: float
    missed: float
    false: float


STANDARD: Final = Profile("standard", 1.0, 1.0, 0.11)
PROFILES: Final = (STANDARD, Profile("reward low FP", 1.0, 1.0, 0.22), Profile("reward low FN", 1.0, 2.0, 0.11))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rows of all files that count.

    Attributes:
        rows: (n,) numbers of these rows in the table.
        worth: (n,) position worth: 0..1 within a window, -1..0 beside.
        window: (n,) number of the window in the corpus, -1 outside.
        unit: (n,) file.
        windows: number of windows of each file.

    """

    rows: IntArray
    worth: FloatArray
    window: IntArray
    unit: IntArray
    windows: dict[int, int]

    @property
    def total(self) -> int:
        """Windows of all files."""
        return sum(self.windows.values())


def corpus(table: Table) -> Corpus:
    """Worth of each row of a table with the target `window`."""
    rows, worth, window, unit, counts = [], [], [], [], {}
    first = 0
    for number in np.unique(table.unit).tolist():
        own = np.flatnonzero(table.unit == number)
        marked = table.targets["window"][own].astype(np.int64)
        counts[number] = int(marked.max())
        counted = np.arange(len(own)) >= int(min(PROBATION * len(own), PROBATION * PROBATION_ROWS))
        rows.append(own[counted])
        worth.append(_worth(marked)[counted])
        window.append(np.where(marked > 0, marked - 1 + first, -1)[counted])
        unit.append(np.full(int(counted.sum()), number))
        first += counts[number]
    return Corpus(np.concatenate(rows), np.concatenate(worth), np.concatenate(window), np.concatenate(unit), counts)


def _worth(marked: IntArray) -> FloatArray:
    """Worth of each row of a file from the numbers of its windows."""
    found = np.full(len(marked), -1.0)
    for number in range(1, int(marked.max()) + 1):
        own = np.flatnonzero(marked == number)
        end, width = int(own[-1]), len(own)
        found[own] = _sigmoid(-(end - own + 1) / width) / _sigmoid(np.array([-1.0]))
        after = np.flatnonzero(marked[end + 1 :])
        until = end + 1 + int(after[0]) if len(after) else len(marked)
        beside = np.arange(end + 1, until)
        found[beside] = _sigmoid((beside - end) / max(width - 1.0, 1.0))
    return found


def _sigmoid(place: FloatArray) -> FloatArray:
    """1 well before the end of a window, 0 at its end, -1 from three widths behind it."""
    found = 2.0 / (1.0 + np.exp(np.minimum(5.0 * place, 500.0))) - 1.0
    return np.where(place > 3.0, -1.0, found)


def best(marked: Corpus, scores: FloatArray, profile: Profile = STANDARD) -> tuple[float, float]:
    """Normalised score at the best threshold for the corpus, and this threshold; 0 is silence, 100 perfect.

    Args:
        marked: rows and windows.
        scores: (n of the table,) of a detector.
        profile: of costs.

    """
    score = np.round(scores[marked.rows], DIGITS)
    order = np.argsort(-score, kind="stable")
    score, worth, window = score[order], marked.worth[order], marked.window[order]
    gained, hit = _gains(worth, window)
    raw = profile.hit * np.cumsum(gained) - profile.missed * (marked.total - np.cumsum(hit))
    raw = raw + profile.false * np.cumsum(np.where(window < 0, worth, 0.0))
    raw[:-1][score[1:] == score[:-1]] = -np.inf  # equal scores alarm together
    place = int(np.argmax(raw))
    silence = -profile.missed * marked.total
    return _normal(max(float(raw[place]), silence), marked.total, profile), float(score[place])


def _gains(worth: FloatArray, window: IntArray) -> tuple[FloatArray, FloatArray]:
    """What each row adds to its window, which counts its best row, and whether it is the window's first hit."""
    gained, hit = np.zeros(len(worth)), np.zeros(len(worth))
    inside = np.flatnonzero(window >= 0)
    inside = inside[np.argsort(window[inside], kind="stable")]
    own, first = window[inside], np.ones(len(inside), np.bool_)
    first[1:] = own[1:] != own[:-1]
    top = np.maximum.accumulate(worth[inside] + 2.0 * own) - 2.0 * own  # worth lies within 0..1: windows do not mix
    gained[inside] = np.where(first, worth[inside], np.diff(top, prepend=0.0))
    hit[inside] = first
    return gained, hit


@dataclass(frozen=True, slots=True)
class Result:
    """One file at a threshold: raw score, alarm rows within and beside windows, windows hit and windows."""

    unit: int
    raw: float
    inside: int
    outside: int
    hit: int
    windows: int


def results(marked: Corpus, scores: FloatArray, threshold: float, profile: Profile = STANDARD) -> list[Result]:
    """Each file at a threshold: rows whose score reaches it alarm."""
    alarm = np.round(scores[marked.rows], DIGITS) >= threshold
    found = []
    for unit, windows in marked.windows.items():
        own = marked.unit == unit
        false = own & alarm & (marked.window < 0)
        inside = own & alarm & (marked.window >= 0)
        tops = [float(marked.worth[inside & (marked.window == k)].max()) for k in np.unique(marked.window[inside]).tolist()]
        raw = profile.hit * sum(tops) - profile.missed * (windows - len(tops)) + profile.false * float(marked.worth[false].sum())
        found.append(Result(unit, raw, int(inside.sum()), int(false.sum()), len(tops), windows))
    return found


def normalised(parts: Sequence[Result], profile: Profile = STANDARD) -> float:
    """Score of some files together; 0 is silence, 100 perfect."""
    windows = sum(part.windows for part in parts)
    return _normal(sum(part.raw for part in parts), windows, profile) if windows else float("nan")


def _normal(raw: float, windows: int, profile: Profile) -> float:
    return 100.0 * (raw + profile.missed * windows) / (windows * (profile.hit + profile.missed))
