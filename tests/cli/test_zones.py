"""Measuring points and their judgement, from rows as SQL gives them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.zones import judged, points

START = datetime(2026, 3, 1, tzinfo=UTC)
ROW = {
    "sensor": "M.v", "asset": "M", "unit": "mm/s", "statistic": "rms", "reporting": "periodic", "point": "DE", "direction": "axial",
    "support": "rigid", "class": "motor", "power_kw": 75.0, "shaft_height_mm": None, "speed_rpm": 1480.0, "machine_group": None,
    "moded": True,
}  # fmt: skip


def window(rms: float, sensor: str = "M.v", mode: str = "running") -> dict[str, Any]:
    return {sensor: {"sensor": sensor, "start": START, "mode": mode, "rms": rms}}


def reference(normal: float, mode: str = "running", *, accepted: bool = True) -> dict[tuple[str, str], dict[str, Any]]:
    return {("M.v", mode): {"normal": normal, "accepted": accepted}}


def scalar(**changed: Any) -> dict[str, Any]:
    return {**ROW, "frames": False, **changed}


def test_a_sensor_of_frames_is_one_point_with_its_own_description() -> None:
    derived = [{**ROW, "sensor": f"M.w:{name}", "point": None, "unit": None} for name in ("crest", "displacement_rms", "velocity_rms")]
    (alone,) = points(derived)
    assert (alone["sensor"], alone["frames"], alone["statistic"], alone["point"]) == ("M.w", True, "rms", None)
    both = points([{**ROW, "sensor": "M.w", "unit": "m/s2"}, *derived, ROW])
    assert [(row["sensor"], row["frames"], row["point"]) for row in both] == [("M.w", True, "DE"), ("M.v", False, "DE")]


def test_a_name_with_a_colon_is_a_point_of_its_own() -> None:
    assert [row["sensor"] for row in points([{**ROW, "sensor": "PLC:7"}])] == ["PLC:7"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"statistic": "peak"}, "peak value: the limits are rms values"),
        ({"statistic": None}, "unstated value: the limits are rms values"),
        ({"reporting": "by_exception"}, "reported by exception: no rms value over a known time"),
        ({"unit": "g"}, "no velocity or displacement: acceleration needs a waveform to be integrated"),
        ({"unit": None}, "no velocity or displacement: acceleration needs a waveform to be integrated"),
        ({"support": None}, "support is unknown: rigid or flexible in the measuring direction"),
        ({"speed_rpm": 400.0}, "under 600 r/min velocity and displacement are both needed"),
    ],
)
def test_why_there_is_no_zone(changed: dict[str, Any], reason: str) -> None:
    found = judged(scalar(**changed), window(2.0), {}, {})
    assert (found["zone"], found["reason"]) == (None, reason)


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"speed_rpm": None}, "fill speed_rpm of asset M in the catalogue"),
        ({"support": None}, "fill support of asset M in the catalogue"),
        ({"power_kw": None}, "fill machine_group or power_kw or shaft_height_mm of asset M in the catalogue"),
        ({"class": None}, "fill class or machine_group of asset M in the catalogue"),
        ({"class": "compressor"}, "fill machine_group of asset M in the catalogue"),
        ({"class": "pump"}, "fill machine_group of asset M in the catalogue"),
        ({"class": "pump", "machine_group": "I", "power_kw": None}, "fill power_kw of asset M in the catalogue"),
        ({"unit": None}, "fill unit of sensor M.v in the catalogue"),
        ({"statistic": None}, "fill statistic of sensor M.v in the catalogue"),
        ({"statistic": "peak"}, ""),
        ({"class": "gearbox"}, ""),
    ],
)
def test_what_to_fill_in_the_catalogue(changed: dict[str, Any], remedy: str) -> None:
    for windows in (window(2.0), {}):
        found = judged(scalar(**changed), windows, {}, {})
        assert (found["zone"], found["remedy"]) == (None, remedy)


def test_without_a_steady_window_there_is_no_zone() -> None:
    assert "no steady window" in judged(scalar(), {}, {}, {})["reason"]
    assert judged(scalar(statistic="peak"), {}, {}, {})["reason"] == "peak value: the limits are rms values"


@pytest.mark.parametrize(("value", "letter"), [(1.0, "A"), (2.0, "B"), (4.0, "C"), (9.0, "D")])
def test_the_zone_of_a_transmitter(value: float, letter: str) -> None:
    found = judged(scalar(), window(value), {}, {})
    assert (found["zone"], found["value"], found["unit"], found["change"]) == (letter, value, "mm/s", None)
    assert "10 to 1000 Hz" in found["note"]


@pytest.mark.parametrize(("value", "matters"), [(1.6, False), (1.8, True), (0.2, True)])
def test_a_change_of_a_quarter_of_the_limit_matters_in_any_zone(value: float, matters: bool) -> None:  # noqa: FBT001
    found = judged(scalar(), window(value), {}, reference(1.0, accepted=False))
    assert (found["matters"], found["accepted"], found["alarm"]) == (matters, False, pytest.approx(1.7))


def test_a_reference_of_another_mode_says_nothing() -> None:
    assert judged(scalar(), window(2.0), {}, reference(1.0, "low"))["change"] is None


def test_frames_that_are_too_slow_for_the_range_have_no_zone() -> None:
    row = scalar(sensor="M.w", frames=True)
    windows = window(2.0, "M.w:velocity_rms")
    assert "10 to 625 Hz" in judged(row, windows, {"M.w": (4096, 1600.0)}, {})["reason"]
    assert judged(row, windows, {}, {})["reason"] == "frequency range is unknown"
    assert judged(row, windows, {"M.w": (4096, 12_800.0)}, {})["zone"] == "B"


def test_the_worse_of_velocity_and_displacement_counts() -> None:
    windows = window(2.0, "M.w:velocity_rms") | window(80.0, "M.w:displacement_rms")
    found = judged(scalar(sensor="M.w", frames=True), windows, {"M.w": (4096, 12_800.0)}, {})
    assert (found["zone"], found["criterion"], found["unit"]) == ("D", "displacement", "um")
