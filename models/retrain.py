"""When a model is trained again, and when what came of it may challenge the champion. Pure: no clock, no registry, no files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isclose, isnan
from typing import Final

from models.card import Figure
from models.version import PASSED

COOLDOWN: Final = timedelta(hours=24)  # from the beginning of the last attempt, whatever came of it
SCHEDULE: Final = timedelta(days=30)  # without a training
LABELS: Final = 20  # new outcomes that are worth a training
FOUND_SLACK: Final = 0.02  # share of injected shifts: less is chance


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a model.

    Args:
        trained: when its newest version was registered.
        tried: when it was last tried to be trained again; None: never.
        drift: since when its inputs or errors have moved; None: they have not.
        labels: outcomes since it was trained.

    """

    trained: datetime
    tried: datetime | None = None
    drift: datetime | None = None
    labels: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to train now: `why` is "" when there is no cause, `until` is the end of the cooldown when it holds."""

    why: str = ""
    until: datetime | None = None

    @property
    def now(self) -> bool:
        """True: train."""
        return bool(self.why) and self.until is None


def decide(past: Past, now: datetime, *, asked: bool = False) -> Decision:
    """Drift, then new outcomes, then the schedule; a person who asks is cause enough, but the cooldown holds for all.

    >>> from datetime import UTC
    >>> day = datetime(2026, 3, 1, tzinfo=UTC)
    >>> decide(Past(day), day + timedelta(days=29)).why
    ''
    >>> decide(Past(day, drift=day + timedelta(days=2)), day + timedelta(days=3))
    Decision(why='drift since 2026-03-03', until=None)
    """
    why = "asked for" if asked else _cause(past, now)
    ends = past.tried + COOLDOWN if past.tried else None
    return Decision(why, ends if why and ends and ends > now else None)


def _cause(past: Past, now: datetime) -> str:
    if past.drift and past.drift > past.trained:
        return f"drift since {past.drift:%Y-%m-%d}"
    if past.labels >= LABELS:
        return f"{past.labels} new outcomes"
    if now - past.trained >= SCHEDULE:
        return f"not trained for {(now - past.trained).days} days"
    return ""


@dataclass(frozen=True, slots=True)
class Marks:
    """How a detector did on a stretch.

    Args:
        false: episodes per 30 machine days without a fault.
        found: share of injected shifts that became an episode.
        days: machine days of the stretch.

    """

    false: float
    found: float
    days: float


def compare(new: Marks, old: Marks, *, frozen: bool) -> str:
    """Of a challenger beside the champion on the same rows: "passed", or why not.

    On recent rows it must be better: fewer false episodes and as many shifts found, or more found and no more false episodes.
    On the frozen rows it must not be worse.

    >>> compare(Marks(0.0, 0.95, 4.0), Marks(7.5, 0.96, 4.0), frozen=False)
    'passed'
    >>> compare(Marks(0.0, 0.90, 4.0), Marks(7.5, 0.96, 4.0), frozen=False)
    'recent rows: finds 0.9 of the injected shifts, the champion 0.96'
    """
    rows = "frozen rows" if frozen else "recent rows"
    if not new.days > 0.0 or not old.days > 0.0:
        return f"{rows}: nothing to judge by"
    if not new.found >= old.found - FOUND_SLACK:
        return f"{rows}: finds {new.found:.3g} of the injected shifts, the champion {old.found:.3g}"
    if not new.false <= old.false:
        return f"{rows}: {new.false:.3g} false episodes per 30 machine days, the champion {old.false:.3g}"
    if not frozen and not (new.false < old.false or new.found > old.found):
        return f"{rows}: not better than the champion, {new.false:.3g} false episodes and {new.found:.3g} found"
    return PASSED


def regressed(new: Sequence[Figure], old: Sequence[Figure]) -> str:
    """Of figures on frozen data sets: "passed", or the first of the champion's that became worse than its own interval allows."""
    known = {(each.data_set, each.protocol, each.metric): each.value for each in new}
    for each in old:
        value = known.get((each.data_set, each.protocol, each.metric))
        if value is None:
            return f"{each.metric} on {each.data_set} is missing"
        if isnan(each.value):
            continue  # it said nothing that could become worse
        end = each.low if each.better == "higher" else each.high
        bound = each.value if isnan(end) else end  # units without spread give no interval: then it must not become worse at all
        if not (isclose(value, bound, rel_tol=1e-9, abs_tol=1e-12) or (value > bound if each.better == "higher" else value < bound)):
            return f"{each.metric} on {each.data_set}: {value:.6g}, the champion {each.value:.6g} ({each.low:.6g} to {each.high:.6g})"
    return PASSED
