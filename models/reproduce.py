"""A stored prediction, computed once more from its own row: the model's answer, the trend's, and what follows from both.

What is not in the row cannot be computed again: `skipped` names it.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.predictor import predictor
from models.registry import Registry
from models.tracking import RegistryError
from processors.prediction import KERNEL, Life, advice, lived
from processors.prognosis import Limit
from processors.reach import Reach, again

Row = Mapping[str, Any]
Value = float | str | None

LIVED: Final = ("rul_h", "rul_low_h", "rul_high_h", "rul_d", "p_failure_7d", "p_failure_30d", "p_failure_90d")
REACHED: Final = ("limit_h", "limit_low_h", "limit_high_h", "limit_d", "limit_low_d", "limit_high_d", "slope", "score")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the row, as stored and as computed again."""

    name: str
    stored: Value
    computed: Value

    @property
    def equal(self) -> bool:
        """True when every bit is the same. The sign of a zero is left out: the store's JSON does not keep it."""
        return _bits(self.stored) == _bits(self.computed)


def answered(registry: Registry, row: Row) -> dict[str, float]:
    """What the version that a row names answers to the inputs it holds.

    Raises:
        RegistryError: the version is not there, has other files than it had, or needs inputs that the row lacks.

    """
    known = registry.version(row["model"], int(row["version"]))
    if known.digest != row["digest"]:
        raise RegistryError(f"{known.name} version {known.number} has digest {known.digest[:12]}, the prediction {row['digest'][:12]}")
    lacking = [name for name in known.inputs if name not in row["inputs"]]
    if lacking:
        raise RegistryError(f"the prediction lacks the inputs {', '.join(lacking)} of {known.name} version {known.number}")
    given = np.array([[float(row["inputs"][name]) for name in known.inputs]])
    answers = predictor(registry.load(known)).predict(given)[0]
    return dict(zip(known.outputs, map(float, answers), strict=True))


def compared(row: Row, outputs: Mapping[str, float]) -> Iterator[Field]:
    """Every field of a row of plant.prediction that follows from others of it and from the model's outputs."""
    yield Field("kernel", row["kernel"], KERNEL)  # other rules may say otherwise
    yield from (Field(f"outputs.{name}", row["outputs"].get(name), value) for name, value in outputs.items())
    life = lived(Life(row["fallback"], row["model"], row["version"], row["digest"], row["inputs"], outputs), row["duty"])
    yield from (Field(name, row[name], life[name]) for name in LIVED)
    reached = _reached(row)
    yield from (Field(name, row[name], reached[name]) for name in REACHED)
    health = min((part["health"] for part in row["parts"]), default=None)
    yield Field("health", row["health"], health)
    found = advice({"limit_d": reached["limit_d"], "rul_d": life["rul_d"], "health": health})
    yield from (Field(name, row[name], value) for name, value in found.items())


def skipped(row: Row) -> list[str]:
    """What a row says that does not follow from it, each with the reason: whoever reads "equal" shall know what was not looked at."""
    told = []
    if row["forecasts"]:
        model = f" and the answer of {row['forecast_model']} version {row['forecast_version']}" if row["forecast_model"] else ""
        told.append(f"{len(row['forecasts'])} forecasts{model}: the hourly means of two weeks that they rest on are not in the row")
    if row["parts"]:
        told.append("the health of each sensor: its reference is not in the row")
    told.append(
        "that no time to a limit is stated: no series is in the row"
        if row["limit_h"] is None
        else "which sensor reaches its limit first, and that its trend is sure: the other series are not in the row"
    )
    return told


def _reached(row: Row) -> dict[str, Any]:
    """Fields of the time to the limit, from the series in the row; all None where none was stated."""
    if row["limit_h"] is None:
        return Limit().record(0.0, row["duty"])
    series = np.array(row["hours"], np.float64), np.array(row["deviation"], np.float64)
    found = again(*series, row["target"], score=row["score"], seed=row["seed"], coverage=row["coverage"])
    if not isinstance(found, Reach):
        return Limit().record(0.0, row["duty"])
    high = found.high if math.isfinite(found.high) else None
    made = Limit(hours=found.hours, low=found.low, high=high, slope=found.slope, score=found.score)
    return made.record(row["since_h"], row["duty"])


def _bits(value: Value) -> bytes:
    """A value's bits.

    >>> _bits(0.0) == _bits(-0.0), _bits(1.0) == _bits(1.0 + 2**-52), _bits(None)
    (True, False, b'')
    """
    if value is None:
        return b""
    return value.encode() if isinstance(value, str) else struct.pack("<d", float(value) + 0.0)
