"""Which sensor and detector watch which way of failing, and what nobody watches. The view plant.coverage says the same in SQL."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalogue.classes import (
    BEARING_NEEDED,
    CLASSES,
    DETECTORS,
    GROUP_NEEDED,
    LIMIT_NEEDED,
    REFERENCE_NEEDED,
    Failure,
    Symptom,
    every,
    load,
)
from catalogue.columns import ASSET
from catalogue.entry import Catalogue, Entry
from catalogue.templates import by_asset
from catalogue.units import VELOCITY
from processors.quantity import infer

WATCHED: Final = "watched"
NEVER_SENT: Final = "sensor never sent"
NO_REFERENCE: Final = "no accepted reference"
NOT_MONITORED: Final = "not monitored"
NO_CLASS: Final = "no class"
OUT: Final = ("out_of_service", "decommissioned")
LIMITS: Final = ("limit_ll", "limit_l", "limit_h", "limit_hh")


class Heard:
    """What a catalogue does not say: which sensors ever sent, and which a person accepted a reference of.

    Args:
        sent, referred: (asset, sensor). What is derived from a sensor of frames, like `P1.vib:velocity_rms`, counts for `P1.vib`, too.
    """

    def __init__(self, sent: Iterable[tuple[str, str]] = (), referred: Iterable[tuple[str, str]] = ()) -> None:
        self._sent, self._referred = _with_sources(sent), _with_sources(referred)

    def says(self, asset: str, sensor: str, detector: str) -> str:
        """Whether a detector watches by a sensor that shows the failure, or what it lacks."""
        if (asset, sensor) not in self._sent:
            return NEVER_SENT
        lacking = DETECTORS[detector] == REFERENCE_NEEDED and (asset, sensor) not in self._referred
        return NO_REFERENCE if lacking else WATCHED


@dataclass(frozen=True, slots=True)
class Watch:
    """A failure mode of an asset and one sensor and detector that could watch it; both empty when there is none."""

    asset: str
    criticality: str | None
    machine_class: str | None
    failure_mode: str | None
    coverage: str
    sensor: str | None = None
    detector: str | None = None
    p_f_low_h: float | None = None
    p_f_high_h: float | None = None
    action: str | None = None


def coverage(known: Catalogue, heard: Heard, criticalities: Iterable[str] = ()) -> list[Watch]:
    """Rows of every asset in service, most critical first.

    Args:
        known: the catalogue.
        heard: what came from its sensors.
        criticalities: A, B, C: only assets of these; empty for all.
    """
    wanted, sensors = set(criticalities), by_asset(known)
    assets = [entry for (kind, _), entry in known.items() if kind == ASSET and entry["state"] != "decommissioned"]
    ordered = sorted(assets, key=lambda entry: (entry["criticality"] or "Z", entry["asset_id"]))
    chosen = [entry for entry in ordered if not wanted or entry["criticality"] in wanted]
    return [row for entry in chosen for row in _asset(entry, sensors.get(entry["asset_id"], []), heard)]


def gaps(rows: Iterable[Watch]) -> list[Watch]:
    """Rows of the failure modes that nobody watches."""
    found = list(rows)
    watched = {(row.asset, row.failure_mode) for row in found if row.coverage == WATCHED}
    return [row for row in found if (row.asset, row.failure_mode) not in watched]


def modes() -> list[dict[str, Any]]:
    """Failure modes of all classes, as the database holds them."""
    return [
        {
            "class": machine.name, "failure_mode": failure.name, "code": failure.code, "p_f_low_h": failure.low_h,
            "p_f_high_h": failure.high_h, "source": failure.source, "action": failure.action,
        }
        for machine in every() for failure in machine.failures
    ]  # fmt: skip


def symptoms() -> list[dict[str, Any]]:
    """Symptoms of all classes that a built detector sees, as the database holds them."""
    return [
        {
            "class": machine.name, "failure_mode": failure.name, "nth": nth, "quantity": symptom.quantity, "point": symptom.point,
            "direction": symptom.direction, "detector": symptom.detector, "needs": DETECTORS[symptom.detector],
        }
        for machine in every() for failure in machine.failures for nth, symptom in enumerate(failure.symptoms)
        if symptom.detector in DETECTORS
    ]  # fmt: skip


def _with_sources(pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {pair for asset, sensor in pairs for pair in ((asset, sensor), (asset, sensor.rpartition(":")[0]))}


def _asset(asset: Entry, sensors: list[Entry], heard: Heard) -> Iterator[Watch]:
    name = asset["asset_id"]
    head = name, asset["criticality"], asset["class"]
    if asset["class"] not in CLASSES:
        yield Watch(*head, None, NO_CLASS)
        return
    for failure in load(asset["class"]).failures:
        tail = failure.low_h, failure.high_h, failure.action
        pairs = sorted(_watching(failure, asset, sensors))
        for sensor, detector in pairs:
            yield Watch(*head, failure.name, heard.says(name, sensor, detector), sensor, detector, *tail)
        if not pairs:
            yield Watch(*head, failure.name, NOT_MONITORED, None, None, *tail)


def _watching(failure: Failure, asset: Entry, sensors: list[Entry]) -> set[tuple[str, str]]:
    return {(sensor["sensor_id"], each.detector) for each in failure.symptoms for sensor in sensors if _sees(each, asset, sensor)}


def _sees(symptom: Symptom, asset: Entry, sensor: Entry) -> bool:
    if symptom.detector not in DETECTORS or sensor["state"] in OUT:
        return False
    place = all(getattr(symptom, name) in {None, sensor[name]} for name in ("point", "direction"))
    quantity = sensor["quantity"] or infer(sensor["sensor_id"])
    return place and quantity == symptom.quantity and _able(DETECTORS[symptom.detector], asset, sensor)


def _able(needs: str, asset: Entry, sensor: Entry) -> bool:
    """Whether the catalogue states what the detector needs."""
    if needs == LIMIT_NEEDED:
        return any(sensor[name] is not None for name in LIMITS)
    if needs == BEARING_NEEDED:
        return bool(asset["bearings"]) and (bool(asset["speed_rpm"]) or any(each["role"] == "speed" for each in asset["drivers"]))
    if needs == GROUP_NEEDED:
        grouped = asset["machine_group"] is not None or asset["power_kw"] is not None
        return grouped and sensor["unit"] in VELOCITY and sensor["statistic"] == "rms"
    return True
