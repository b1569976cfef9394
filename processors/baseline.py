"""A baseline proposed from a healthy period: what is normal for a sensor in one mode, or why the period cannot tell.

The caller gives the settled, sound readings of one sensor in one mode. A person accepts what is proposed, or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from processors import reference
from processors.options import Options, parameters
from processors.outcome import Flag
from processors.reference import BLOCK_US

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

TO_SIGMA: Final = 1.4826
RUNNING_US_MIN: Final = 24 * 3_600_000_000
CLASS_SIGMAS_MAX: Final = 3.0
CLASS_MEMBERS_MIN: Final = 5
VIOLATIONS_MAX: Final = 0.0  # share of readings beyond a limit
UNUSABLE: Final = int(Flag.LATE | Flag.NO_VALUE | Flag.OUT_OF_RANGE | Flag.TRANSIENT | Flag.STUCK)
BLOCKS_MIN: Final = 20  # spans of ten minutes with readings: fewer means have no scale, and no reason makes one
EXPLAINED_MIN: Final = 0.02  # share of the variance that drivers must explain to be kept
FITS: Final = 4
OUTLYING: Final = 3.0  # robust sigmas
QUIET: Final = 0.5  # of the bar of a drift: what the healthy period may reach
WIDEN: Final = 1.1
FLOOR: Final = 1e-9  # smallest sway, as share of the level
STEP_SIGMA: Final = 0.3  # standard deviation of rounding to a step of 1


@dataclass(frozen=True, slots=True)
class Share:
    """What a driver explains: change per unit of it, and its value at which it takes nothing off."""

    sensor_id: str
    slope: float
    centre: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A baseline as the catalogue takes it. Levels and scales in the unit of the sensor, times in microseconds."""

    normal: float
    spread: float
    sway: float
    readings: int
    begin: int
    end: int
    drivers: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a period is no baseline: sentences for a person, who may still force it with a reason where there is a proposal."""

    reasons: tuple[str, ...]
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known beside the period.

    Args:
        resolution: of the instrument.
        step: by exception: the smallest change that is reported, 0 if none was seen; None: the sensor is periodic.
        zone_c: limit of zones B and C.
        peers: levels of the same sensor on machines of the class.

    """

    resolution: float = 0.0
    step: float | None = None
    zone_c: float | None = None
    peers: Sequence[float] = ()


def propose(
    ts: Longs,
    value: Floats,
    flags: npt.NDArray[Any],
    drivers: Mapping[str, Floats] | None = None,
    bounds: Bounds = Bounds(),
) -> Proposal | Refusal:
    """The baseline that a period suggests, or why it must not be one.

    Args:
        ts: i8[n], event times of the readings of one sensor in one mode, ascending.
        value: f8[n], in the unit of the sensor.
        flags: bits of the scored rows (outcome.Flag); transients, late, unsound and stuck readings are left out here.
        drivers: f8[n] for each declared driver: its value at each reading, NaN where it is not known (see `align`).
        bounds: what else is known of the sensor.

    >>> ts = np.arange(1000) * 200_000_000
    >>> found = propose(ts, 5.0 + np.random.default_rng(1).normal(size=1000), np.zeros(1000, np.int64))
    >>> round(found.normal, 1), round(found.spread, 1), round(found.sway, 1), found.readings
    (5.0, 1.0, 0.5, 1000)
    >>> propose(ts[:100], 5.0 + np.sin(ts[:100]), np.zeros(100, np.int64)).reasons
    ('5.7 h of settled readings, at least 24 h are needed',)
    """
    sound = ((flags & UNUSABLE) == 0) & np.isfinite(value)
    columns = {name: column for name, column in (drivers or {}).items() if np.isfinite(column[sound]).any()}
    for column in columns.values():
        sound &= np.isfinite(column)
    ts, value, beyond = ts[sound], value[sound], (flags[sound] & int(Flag.LIMIT)) != 0
    blocks, place = np.unique(ts // BLOCK_US, return_inverse=True)
    apart_us = max(float(np.median(np.diff(ts))), float(BLOCK_US)) if len(ts) > 1 else float(BLOCK_US)
    short: tuple[str, ...] = ()
    if len(blocks) * apart_us < RUNNING_US_MIN:
        hours = len(blocks) * apart_us / 3.6e9
        short = (f"{hours:.1f} h of settled readings, at least {RUNNING_US_MIN // 3_600_000_000} h are needed",)
    if len(blocks) < BLOCKS_MIN:
        return Refusal(short or (f"readings in {len(blocks)} spans of ten minutes: they have no scale",))
    shares, rest = _explained(value, {name: column[sound] for name, column in columns.items()})
    means = _means(rest, place)
    normal = float(np.median(rest))
    least = max(STEP_SIGMA * bounds.resolution, _unseen(bounds), FLOOR * abs(normal), 1e-12)
    sway = _sway(means, normal, least, apart_us * 1e-6)
    found = Proposal(normal, max(_scale(rest), least), sway, len(ts), int(ts[0]), int(ts[-1]), shares)
    reasons = (*short, *_reasons(found, beyond, bounds))
    return Refusal(reasons, found) if reasons else found


def align(ts: Longs, driver_ts: Longs, driver_value: Floats) -> Floats:
    """Newest value of a driver at or before each time; NaN before its first.

    >>> align(np.array([1, 5]), np.array([2, 4]), np.array([7.0, 8.0])).tolist()
    [nan, 8.0]
    """
    place = np.searchsorted(driver_ts, ts, side="right") - 1
    return np.where(place >= 0, driver_value[np.maximum(place, 0)], np.nan) if len(driver_ts) else np.full(len(ts), np.nan)


def _explained(value: Floats, drivers: Mapping[str, Floats]) -> tuple[tuple[Share, ...], Floats]:
    """Shares by least squares about the drivers' medians, and what they leave; none if they explain next to nothing.

    A machine that still warms up would bend the shares: what lies far off is left out and the fit repeated.
    """
    moving = {name: column for name, column in drivers.items() if np.std(column) > FLOOR * max(abs(float(np.mean(column))), 1.0)}
    if not moving:
        return (), value
    centres = {name: float(np.median(column)) for name, column in moving.items()}
    matrix = np.column_stack([np.ones(len(value)), *(column - centres[name] for name, column in moving.items())])
    kept = np.ones(len(value), np.bool_)
    for _ in range(FITS):
        weights = np.linalg.lstsq(matrix[kept], value[kept], rcond=None)[0]
        away = np.abs(value - matrix @ weights)
        kept = away <= OUTLYING * TO_SIGMA * max(float(np.median(away)), 1e-300)
    rest = value - matrix[:, 1:] @ weights[1:]
    if _scale(rest) ** 2 > (1.0 - EXPLAINED_MIN) * _scale(value) ** 2:
        return (), value
    return tuple(Share(name, float(weight), centres[name]) for name, weight in zip(moving, weights[1:], strict=True)), rest


def _sway(means: Floats, normal: float, least: float, apart_s: float) -> float:
    """Robust scale of the means, widened until the period itself raises no drift.

    Means of neighbouring spans depend on each other and warm-ups leave tails; a scale alone sees neither, the sum does.
    """
    sway = max(_scale(means), least)
    limit = QUIET * float(reference.bar(parameters(Options())[0], apart_s))
    away = (means - normal).astype(np.float64)
    while _highest(away / sway) > limit:
        sway *= WIDEN
    return float(sway)


@njit(cache=True, nogil=True)
def _highest(u: Floats) -> float:
    """Highest sum that the reference's CUSUM pair reaches over spans in sways."""
    above = below = highest = 0.0
    for i in range(len(u)):
        above = reference.total(above, u[i] - reference.SLACK, np.inf)
        below = reference.total(below, -u[i] - reference.SLACK, np.inf)
        highest = max(highest, above, below)
    return highest


def _means(rest: Floats, place: Longs) -> Floats:
    """Means of the blocks that the reference judges."""
    return np.asarray(np.bincount(place, rest) / np.bincount(place))


def _scale(values: Floats) -> float:
    return TO_SIGMA * float(np.median(np.abs(values - np.median(values))))


def _unseen(bounds: Bounds) -> float:
    """What changes by exception without a report: nobody can call it a deviation."""
    return 0.0 if bounds.step is None else max(bounds.step, bounds.resolution)


def _reasons(found: Proposal, beyond: npt.NDArray[np.bool_], bounds: Bounds) -> tuple[str, ...]:
    reasons = []
    if beyond.mean() > VIOLATIONS_MAX:
        reasons.append(f"{int(beyond.sum())} readings beyond a limit")
    if bounds.step is not None and _unseen(bounds) == 0.0:
        reasons.append("the value never changed and the catalogue states no resolution: what counts as a change is unknown")
    if bounds.zone_c is not None and found.normal >= bounds.zone_c:
        reasons.append(f"the level {found.normal:.3g} lies in zone C or D, which begins at {bounds.zone_c:.3g}")
    peers = np.asarray(bounds.peers, np.float64)
    if len(peers) >= CLASS_MEMBERS_MIN and (scale := _scale(peers)) > 0.0:
        away = abs(found.normal - float(np.median(peers))) / scale
        if away > CLASS_SIGMAS_MAX:
            reasons.append(f"the level {found.normal:.3g} lies {away:.1f} robust sigmas from its class ({np.median(peers):.3g})")
    return tuple(reasons)
