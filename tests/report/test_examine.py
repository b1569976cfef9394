"""The stranger's CSV: each mistake in it is named, and a file without mistakes is let through in silence."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from cli import readings
from report.examine import Report
from simulator.replay.clock import Clock
from simulator.replay.table import Mapped
from tests.report import stranger
from tests.report.stranger import Mistakes

UNITS = {"": "mm/s", **dict.fromkeys([name for name in stranger.COLUMNS if "temperature" in name], "degC")}
UNITS |= {"suction_pressure": "bar", "flow": "m3/h"}
NONE = Mistakes(*[False] * 5)
SWAPPED = ("pump-7.vibration_de", "pump-7.vibration_nde")


def report(path: Path, mistakes: Mistakes, zone: str = "UTC") -> Report:
    stranger.write(path, mistakes)
    mapped, clock = Mapped("time", asset="pump-7", units=UNITS), Clock(zone, overlap="order")
    found, [source] = readings.of_files([(path, mapped, clock)], 2_000_000_000_000_000)
    assert source.sensors == len(stranger.COLUMNS)
    return found


def named(found: Report) -> set[tuple[str, tuple[str, ...]]]:
    """Kind and sensors of what was found; of the whole asset: no sensors."""
    return {(item.kind, tuple(item.sensors) if len(item.sensors) <= 2 else ()) for item in found.findings}


EXPECTED: dict[str, set[tuple[str, tuple[str, ...]]]] = {
    "local": {("clock", ()), ("conflicting", ()), ("out_of_order", ())},
    "fahrenheit": {("unit", ("pump-7.temperature_nde",))},
    "exception": {("by_exception", ("pump-7.suction_pressure",))},
    "gap": {("gap", ())},
    "swap": {("swapped", SWAPPED)},
}


def test_a_sound_file_is_let_through(tmp_path: Path) -> None:
    assert named(report(tmp_path / "a.csv", NONE)) == set()


@pytest.mark.parametrize("mistake", [item.name for item in fields(Mistakes)])
def test_each_mistake_alone_is_named_and_nothing_else(tmp_path: Path, mistake: str) -> None:
    assert named(report(tmp_path / "a.csv", replace(NONE, **{mistake: True}))) == EXPECTED[mistake]


def test_all_mistakes_together_are_named(tmp_path: Path) -> None:
    found = report(tmp_path / "a.csv", Mistakes())
    assert named(found) == set.union(*EXPECTED.values())
    gap = next(item for item in found.findings if item.kind == "gap")
    assert "2.02 h from 2024-10-23 06:59:00Z" in gap.what  # as the wall clock has it
    swap = next(item for item in found.findings if item.kind == "swapped")
    assert swap.since_us == round(stranger.SWAP.timestamp() * 1e6) + 3_600_000_000


def test_with_the_right_zone_the_clock_is_sound(tmp_path: Path) -> None:
    found = report(tmp_path / "a.csv", Mistakes(), "Europe/Zurich")
    assert named(found) == set.union(*(EXPECTED[name] for name in EXPECTED if name != "local"))


def test_local_times_without_a_change_of_clocks_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,flow\n" + "".join(f"2024-05-01 0{hour}:00:00,{hour}\n" for hour in range(9)))
    found, _ = readings.of_files([(path, Mapped("time", asset="p", units={"": "m3/h"}), Clock())], 2_000_000_000_000_000)
    assert [(item.kind, item.sure) for item in found.findings] == [("clock", "possible")]


def test_rows_that_the_import_would_refuse_are_counted_by_sort(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,flow\n2024-05-01T00:00Z,1\nsoon,2\n2024-05-01T00:01Z,much\n2024-05-01T00:02Z\n2024-05-01T00:03Z,nan\n")
    found, [source] = readings.of_files([(path, Mapped("time", asset="p", units={"": "m3/h"}), Clock())], 2_000_000_000_000_000)
    texts = sorted(item.what for item in found.findings)
    assert [text.split(",")[0] for text in texts] == [
        "1 cells hold text",
        "1 rows have no usable time",
        "1 rows have the wrong number of cells",
        "2 readings hold no number",
    ]
    assert "line 4: 'much' is not a number" in texts[0]
    assert (source.readings, found.sensors[0].invalid, found.sensors[0].good) == (3, 2, 1 / 3)
