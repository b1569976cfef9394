"""Which sensor and detector watch which way of failing, and what nobody watches. The view plant.coverage says the same in SQL."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalogue.classes import (
    BEARING_NEEDED,
    CLASSES,
    DETECTORS,
    LIMIT_NEEDED,
    REFERENCE_NEEDED,
    STANDARD_NEEDED,
    Failure,
    Symptom,
    every,
    load,
)
from catalogue.columns import ASSET
from catalogue.entry import Catalogue, Entry
from catalogue.templates import by_asset
from processors import zones
from processors.quantity import infer

WATCHED: Final = "watched"
NEVER_SENT: Final = "sensor never sent"
NO_REFERENCE: Final = "no accepted reference"
NOT_MONITORED: Final = "not monitored"
NO_CLASS: Final = "no class"
OUT: Final = ("out_of_service", "decommissioned")
LIMITS: Final = ("limit_ll", "limit_l", "limit_h", "limit_hh")
OF_FRAMES: Final = ":velocity_rms"  # sent for a sensor of frames: the sign that frames came
POINTS: Final = {
    "velocity": zones.Point(0.0, None, *zones.RANGE_HZ),
    "displacement": zones.Point(None, 0.0, *zones.RANGE_HZ),
}


class Heard:
    """What a catalogue does not say: which sensors ever sent, and which a person accepted a reference of.

    Args:
        sent, referred: (asset, sensor). What is derived from a sensor of frames, like `P1.vib:velocity_rms`, counts for `P1.vib`, too.
    """

    def __init__(self, sent: Iterable[tuple[str, str]] = (), referred: Iterable[tuple[str, str]] = ()) -> None:
        pairs = list(sent)
        self._sent, self._referred = _with_sources(pairs), _with_sources(referred)
        self._framed = _with_sources(pair for pair in pairs if pair[1].endswith(OF_FRAMES))

    def frames(self, asset: str, sensor: str) -> bool:
        """Whether frames of a sensor came."""
        return (asset, sensor) in self._framed

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
        pairs = sorted(_watching(failure, asset, sensors, heard))
        for sensor, detector in pairs:
            yield Watch(*head, failure.name, heard.says(name, sensor, detector), sensor, detector, *tail)
        if not pairs:
            yield Watch(*head, failure.name, NOT_MONITORED, None, None, *tail)


def _watching(failure: Failure, asset: Entry, sensors: list[Entry], heard: Heard) -> set[tuple[str, str]]:
    return {(sensor["sensor_id"], each.detector) for each in failure.symptoms for sensor in sensors if _sees(each, asset, sensor, heard)}


def _sees(symptom: Symptom, asset: Entry, sensor: Entry, heard: Heard) -> bool:
    if symptom.detector not in DETECTORS or sensor["state"] in OUT:
        return False
    place = all(getattr(symptom, name) in {None, sensor[name]} for name in ("point", "direction"))
    quantity = sensor["quantity"] or infer(sensor["sensor_id"])
    frames = heard.frames(asset["asset_id"], sensor["sensor_id"])
    return place and quantity == symptom.quantity and _able(DETECTORS[symptom.detector], asset, sensor, frames=frames)


def _able(needs: str, asset: Entry, sensor: Entry, *, frames: bool) -> bool:
    """Whether what the detector needs is stated, or came."""
    if needs == LIMIT_NEEDED:
        return any(sensor[name] is not None for name in LIMITS)
    if needs == BEARING_NEEDED:
        meant = any(sensor["point"] in {None, each["point"]} for each in asset["bearings"])
        return frames and meant and bool(asset["speed_rpm"])
    if needs == STANDARD_NEEDED:
        return _judged(asset, sensor, frames=frames)
    return True


def _judged(asset: Entry, sensor: Entry, *, frames: bool) -> bool:
    """Whether a standard judges the point: of a sensor of frames, or of a transmitter of rms values."""
    kind, power_kw, height_mm, speed_rpm = (asset[name] for name in ("class", "power_kw", "shaft_height_mm", "speed_rpm"))
    machine = zones.Machine(kind, power_kw, height_mm, speed_rpm, sensor["support"] or asset["support"], asset["machine_group"])
    transmitter = sensor["statistic"] == "rms" and sensor["reporting"] != "by_exception"
    measured = "velocity" if frames else zones.UNITS.get(sensor["unit"] or "") if transmitter else None
    return measured is not None and isinstance(zones.zone(POINTS[measured], machine), zones.Zone)
