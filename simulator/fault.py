"""Faults: which asset or sensor, what kind, from when to when; read from a plan file or drawn from a seed.

A plan is a JSON array of objects {"asset", "sensor", "kind", "start_s", "duration_s", "magnitude"}; start_s counts from the
beginning of the live part (negative: in the simulated history), a missing duration_s means "until the end".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.machine import MODES

SENSOR_KINDS = ("stuck", "spike", "drift", "bias", "silent", "out_of_range", "noisy")
GROWTH_S = {"step": 1.0, "ramp": 60.0, "wear": 60.0}  # shortest useful growth; a plan's duration_s stretches it
WEAR_EXPONENT = 3.0  # of the exponential growth of wear

Floats = npt.NDArray[np.float64]


class PlanError(ValueError):
    """A fault plan cannot be used; the message names file, item, what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. Times in seconds relative to the start of the live part; sensor None: the machine itself."""

    asset: str
    kind: str
    start_s: float
    sensor: str | None = None
    duration_s: float | None = None
    magnitude: float = 1.0
    growth_s: float | None = None

    @property
    def subject(self) -> str:
        """What is in doubt: machine or sensor."""
        return "machine" if self.sensor is None else "sensor"

    def active(self, seconds: Floats) -> npt.NDArray[np.bool_]:
        """Where the fault exists, for times in seconds."""
        begun = seconds >= self.start_s
        return begun if self.duration_s is None else begun & (seconds < self.start_s + self.duration_s)

    def severity(self, seconds: Floats) -> Floats:
        """Severity of a machine fault over time: 0 before it, up to `magnitude` when it has grown."""
        shape = MODES[self.kind].shape
        grown = np.clip((seconds - self.start_s) / (self.growth_s or GROWTH_S[shape]), 0.0, 1.0)
        if shape == "wear":
            grown = np.expm1(WEAR_EXPONENT * grown) / np.expm1(WEAR_EXPONENT)
        return np.where(self.active(seconds), self.magnitude * grown, 0.0)


def read_plan(path: Path) -> list[Fault]:
    """Faults of a plan file.

    Raises:
        PlanError: the file is missing, not JSON, or an item has an unknown field, kind or a wrong value.
    """
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"{path}: cannot be read ({error.strerror}); give an existing fault plan") from None
    except ValueError as error:
        raise PlanError(f"{path}: not JSON ({error}); expected an array of faults") from None
    if not isinstance(items, list):
        raise PlanError(f"{path}: expected an array of faults, found {type(items).__name__}")
    return [_fault(item, where=f"{path}: fault {number}") for number, item in enumerate(items, 1)]


def write_plan(path: Path, faults: Sequence[Fault]) -> None:
    """Write faults as a plan file that read_plan understands."""
    path.write_text(json.dumps([asdict(fault) for fault in faults], indent=1) + "\n", encoding="utf-8")


def draw(sensors: Mapping[str, tuple[Sequence[str], Sequence[str]]], *, seed: int, seconds: float, share: float = 0.1) -> list[Fault]:
    """Draw faults for a live part of `seconds`: `share` of the assets fail, as many other assets get a sensor fault.

    Args:
        sensors: asset id -> (its sensor ids, the modes its class can fail in).
        seed: same seed, same plan.
        seconds: length of the live part; faults begin in its first half.
        share: part of the assets with a machine fault (at least one asset).
    """
    random = np.random.default_rng([seed, 1])
    assets = list(sensors)
    count = max(1, round(share * len(assets)))
    chosen = [assets[index] for index in random.permutation(len(assets))]
    faults = []
    for asset in chosen[:count]:
        kind = str(random.choice(sensors[asset][1]))
        faults.append(Fault(asset, kind, round(float(random.uniform(0.05, 0.5) * seconds), 3)))
    for asset in chosen[count : 2 * count]:
        sensor, kind = str(random.choice(sensors[asset][0])), str(random.choice(SENSOR_KINDS))
        faults.append(Fault(asset, kind, round(float(random.uniform(0.05, 0.5) * seconds), 3), sensor=sensor))
    return sorted(faults, key=lambda fault: (fault.start_s, fault.asset))


def _fault(item: object, *, where: str) -> Fault:
    if not isinstance(item, dict):
        raise PlanError(f"{where}: expected an object, found {type(item).__name__}")
    unknown = set(item) - set(Fault.__dataclass_fields__)
    if unknown:
        raise PlanError(f"{where}: unknown field {min(unknown)!r}; known: {', '.join(Fault.__dataclass_fields__)}")
    try:
        fault = Fault(**item)
    except TypeError:
        raise PlanError(f"{where}: needs at least asset, kind and start_s") from None
    _check(fault, where)
    return fault


def _check(fault: Fault, where: str) -> None:
    kinds = tuple(MODES) if fault.sensor is None else SENSOR_KINDS
    if fault.kind not in kinds:
        raise PlanError(f"{where}: unknown kind {fault.kind!r} of a {fault.subject} fault; known: {', '.join(kinds)}")
    numbers = {"start_s": fault.start_s, "duration_s": fault.duration_s, "magnitude": fault.magnitude, "growth_s": fault.growth_s}
    for name, value in numbers.items():
        if value is not None and not isinstance(value, int | float):
            raise PlanError(f"{where}: {name} = {value!r} is not a number")
    for name in ("duration_s", "growth_s"):
        length = numbers[name]
        if length is not None and length <= 0:
            raise PlanError(f"{where}: {name} = {length} must be positive")
