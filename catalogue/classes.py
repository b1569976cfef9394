"""Classes of machines: expected sensors, ways they fail, what sees it, what to do. Figures and sources: classes/*.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

CLASSES: Final = ("pump", "fan", "motor", "gearbox", "compressor", "conveyor", "generic")

# what each detector of the platform needs beside a sensor of the right quantity
LIMIT_NEEDED, BEARING_NEEDED, STANDARD_NEEDED, REFERENCE_NEEDED, NOTHING_NEEDED = "limit", "bearing", "group", "reference", ""
DETECTORS: Final[Mapping[str, str]] = MappingProxyType({
    "level1/limit": LIMIT_NEEDED,
    "level1/rate": NOTHING_NEEDED,
    "level1/ewma": NOTHING_NEEDED,
    "level1/cusum": NOTHING_NEEDED,
    "level1/reference": REFERENCE_NEEDED,
    "health/stuck": NOTHING_NEEDED,
    "health/silent": NOTHING_NEEDED,
    "vibration/zone": STANDARD_NEEDED,
    "vibration/envelope": BEARING_NEEDED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """A sensor a machine of the class should have. Its id is the asset's, a dot and the suffix."""

    suffix: str
    quantity: str
    unit: str
    point: str | None = None
    direction: str | None = None
    statistic: str | None = None
    optional: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What shows a failure mode: a quantity, perhaps at a point or in a direction, and the detector that sees it."""

    quantity: str
    detector: str
    point: str | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A way to fail.

    Attributes:
        name: what goes wrong.
        code: failure mode in the manner of ISO 14224: VIB vibration, OHE overheating, LOO low output, ELP and ELU external leakage,
            INL internal leakage, PLU plugged, PDE parameter deviation, NOI noise, STD structural, FTS fails to start, BRD breakdown.
        symptoms: empty if nothing measurable announces it.
        low_h, high_h: P-F interval, hours: from the first symptom to the functional failure; None if there is no symptom.
        source: of the interval, or `estimate`.
        action: recommended.
    """

    name: str
    code: str
    symptoms: tuple[Symptom, ...]
    low_h: float | None
    high_h: float | None
    source: str
    action: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class of machines.

    Attributes:
        pairs: suffixes of sensors that move together on a healthy machine.
        notes: facts with their source, and what only the machine's own papers can say.
    """

    name: str
    title: str
    sensors: tuple[Expected, ...]
    failures: tuple[Failure, ...]
    pairs: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@cache
def load(name: str) -> Class:
    """A class by name.

    Raises:
        KeyError: there is no such class; names those there are.
    """
    import yaml  # noqa: PLC0415  only those who ask for a class wait for it

    if name not in CLASSES:
        raise KeyError(f"no class {name}: there are {', '.join(CLASSES)}")
    text = resources.files("catalogue").joinpath("classes", f"{name}.yaml").read_text(encoding="utf-8")
    return _class(name, yaml.safe_load(text))


def every() -> list[Class]:
    """All classes."""
    return [load(name) for name in CLASSES]


def _class(name: str, found: dict[str, Any]) -> Class:
    sensors = tuple(Expected(**each) for each in found["sensors"])
    pairs = tuple((first, second) for first, second in found["pairs"])
    return Class(name, found["title"], sensors, tuple(map(_failure, found["failures"])), pairs, tuple(found["notes"]))


def _failure(found: dict[str, Any]) -> Failure:
    low, high = found["interval_h"] or (None, None)
    symptoms = tuple(Symptom(**each) for each in found["symptoms"])
    return Failure(found["name"], found["code"], symptoms, low, high, found["source"], found["action"])
