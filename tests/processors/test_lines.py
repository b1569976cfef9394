"""Bearings as their spectra come: synthetic damage with a known frequency is named, healthy machines stay silent."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from processors import lines, occasion, spectrum
from processors.bearing import CAGE, ELEMENT, INNER, OUTER
from processors.machine import Machine, Plate, Sensor
from tests.processors.bearings import BALL, RATE_HZ, ROLLER, SHAFT_HZ, Floats, damaged, imbalance, looseness, noise

HOUR_US = 3_600_000_000
SIZE = 32_768  # 1.6 s: the longest frame whose lines are not joined
SENSOR = "P1.vib"
KNOWN = Machine("P1", "motor", {SENSOR: Sensor(SENSOR, "vibration", point="DE")}, plate=Plate(speed_rpm=1790.0, bearings=(("DE", BALL),)))
HEALTHY = 150  # frames


def frame(number: int, values: Floats, mode: str = "running") -> list[dict[str, Any]]:
    """The records of the `number`-th kept frame."""
    found = []
    for each, band in occasion.spectra(values[:SIZE], RATE_HZ):
        made = spectrum.record("P1", SENSOR, number * HOUR_US, each)
        bounds = {"band_low_hz": band.low_hz if band else None, "band_high_hz": band.high_hz if band else None}
        found.append({**made, **bounds, "mode": mode, "historical": False})
    return found


def sick(number: int, part: str = OUTER, **more: Any) -> list[dict[str, Any]]:
    return frame(number, damaged(part, number, snr_db=-6.0) + imbalance(1.5), **more)


def well(number: int, **more: Any) -> list[dict[str, Any]]:
    return frame(number, noise(number) + imbalance(1.5), **more)


def run(frames: Iterable[list[dict[str, Any]]], known: Machine | str = KNOWN, state: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    state, made = lines.empty() if state is None else state, []
    for number, each in enumerate(record for records in frames for record in records):
        stood = {"topic_id": "spectra", "partition": 0, "offset": number}
        made += lines.step(state, each, schema="Spectrum", known_at_us=0, origin=stood, about=lambda _: known)
    return made


def told(made: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["sensor_id"], each["phase"]) for each in made]


@pytest.mark.parametrize(("part", "line"), [(OUTER, "BPFO"), (INNER, "BPFI"), (ELEMENT, "2x BSF"), (CAGE, "FTF")])
def test_the_line_of_a_damaged_part_is_a_condition_from_its_third_frame_on(part: str, line: str) -> None:
    made = run([*(well(n) for n in range(2)), *(sick(n, part) for n in range(2, 8)), *(well(n) for n in range(8, 12))])
    assert told(made) == [(f"{SENSOR}:{line}", "on"), (f"{SENSOR}:{line}", "off")]
    on, off = made
    assert (on["kind"], on["detector"], on["subject"], on["severity"]) == ("pattern", "vibration/envelope", "machine", 2)
    assert (on["since"], on["ts"], off["since"], off["ts"]) == tuple(n * HOUR_US for n in (2, 4, 2, 7))
    assert on["surprise"] >= on["threshold"]


def test_healthy_machines_stay_silent() -> None:
    """150 frames of noise and imbalance, 50 of a loose machine: none is told, and hardly one is named at all."""
    state = lines.empty()
    assert run((well(n) for n in range(HEALTHY)), state=state) == []
    assert run((frame(n, noise(n) + looseness(2.0, n)) for n in range(HEALTHY, HEALTHY + 50)), state=state) == []


def test_two_frames_or_a_resting_machine_tell_nothing() -> None:
    assert run([sick(0), sick(1), well(2), sick(3), sick(4)]) == []
    assert run([sick(n, mode="off") for n in range(5)]) == []
    assert told(run([sick(0), sick(1), sick(2, mode="transient"), sick(3)])) == [(f"{SENSOR}:BPFO", "on")], "rest counts for neither side"


@pytest.mark.parametrize(
    "known",
    [
        "the database does not answer",
        replace(KNOWN, plate=Plate(speed_rpm=1790.0)),
        replace(KNOWN, plate=Plate(bearings=(("DE", BALL),))),
        replace(KNOWN, plate=Plate(speed_rpm=1500.0, bearings=(("DE", BALL),))),
        replace(KNOWN, plate=Plate(speed_rpm=1790.0, bearings=(("NDE", BALL),))),
    ],
    ids=["nothing known", "no bearing", "no speed", "the shaft is not seen near its speed", "bearing elsewhere"],
)
def test_without_geometry_and_a_speed_that_is_seen_nothing_is_judged(known: Machine | str) -> None:
    assert run((sick(n) for n in range(4)), known) == []


def test_of_several_bearings_the_point_is_named() -> None:
    known = replace(KNOWN, sensors={}, plate=replace(KNOWN.plate, bearings=(("DE", BALL), ("NDE", ROLLER))))
    assert (f"{SENSOR}:BPFO DE", "on") in told(run((sick(n) for n in range(3)), known))


def test_what_nobody_judged_for_a_week_is_over() -> None:
    assert told(run([*(sick(n) for n in range(3)), well(200)])) == [(f"{SENSOR}:BPFO", "on"), (f"{SENSOR}:BPFO", "off")]


def test_any_cutting_of_the_log_and_repeated_spectra_give_the_same() -> None:
    frames = [sick(n) if n % 9 < 5 else well(n) for n in range(20)]
    whole, state, cut = run(frames), lines.empty(), []
    for each in frames:
        state = json.loads(json.dumps(state))
        cut += run([each], state=state)
        assert run([each], state=state) == []
    assert [{**each, "origin": None} for each in cut] == [{**each, "origin": None} for each in whole]
    assert len(whole) >= 3
    assert SHAFT_HZ * 60.0 < 1790.0
