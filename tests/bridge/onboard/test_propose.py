import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge.onboard.propose import COLUMNS, quantity, reporting, rows, unit, write
from bridge.onboard.signal import INTERVALS_MAX, VALUES_MAX, Signal
from bridge.reading import Point
from catalogue import rules, sheet
from catalogue.columns import HEADER

SECOND = 1_000_000


TIMES = [number * SECOND for number in range(20)]
VALUES = [20.0 + number for number in range(20)]


def signal(*, times: Sequence[int] = TIMES, values: Sequence[float] = VALUES, **more: Any) -> Signal:
    stated: dict[str, Any] = {"sensor_id": "pump-7.temp", "unit": "°C", "low": 0.0, "high": 100.0}
    found = Signal("pump-7", **stated | more)
    for ts, value in zip(times, values, strict=False):
        found.see(Point("pump-7", "pump-7.temp", ts, value))
    return found


def test_a_clear_signal_has_no_note() -> None:
    asset, sensor = rows([signal()])
    assert asset == {"kind": "asset", "asset_id": "pump-7", "class": "pump", "run_state": "", "note": asset["note"]}
    assert asset["note"].startswith("no run rule: without one stops look like faults")
    assert sensor == {
        "kind": "sensor",
        "asset_id": "pump-7",
        "sensor_id": "pump-7.temp",
        "quantity": "temperature",
        "unit": "degC",
        "range_low": 0.0,
        "range_high": 100.0,
        "reporting": "periodic",
        "period_s": 1.0,
        "note": "",
    }


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"unit": ""}, "no unit stated"),
        ({"unit": "furlong"}, "unit furlong is unknown"),
        ({"unit": "bar"}, "the name sounds like temperature, the unit bar does not"),
        ({"values": [7.0] * 20}, "never moved from 7"),
        ({"values": [68.0, 104.0]}, "values from 68 to 104 leave the stated span"),
        ({"low": None, "high": None}, "no span stated; seen 20 to 39"),
        ({"times": [0, SECOND]}, "only 2 readings seen"),
        ({"values": []}, "no value seen"),
        ({"doubts": ["something else"]}, "something else"),
    ],
)
def test_doubts_are_notes(more: dict[str, Any], told: str) -> None:
    _, sensor = rows([signal(**more)])
    assert told in sensor["note"]


def test_reporting_is_told_from_the_times() -> None:
    uneven = [number * SECOND for number in (0, 1, 2, 3, 10, 40, 41, 90, 91, 150, 151, 152)]
    assert reporting(signal(times=uneven))[:2] == ("by_exception", 59.0)
    wobbling = [number * SECOND + (number % 2) * 50_000 for number in range(20)]
    assert reporting(signal(times=wobbling))[0] == "periodic"
    assert reporting(signal(times=TIMES[::-1]))[:2] == ("periodic", 1.0), "a file may begin with its newest line"


def test_times_out_of_order_are_a_note() -> None:
    _, sensor = rows([signal(times=[*TIMES[10:], *TIMES[:10]])])
    assert "the times are not in order: 1 of 20 readings" in sensor["note"]


def test_a_signal_does_not_grow_with_its_readings() -> None:
    found = signal(times=range(0, 100_000 * SECOND, SECOND), values=[1.0] * 99_999 + [7.0])
    assert len(found.intervals) <= INTERVALS_MAX
    assert (found.count, found.highest) == (100_000, 7.0)
    assert reporting(found)[:2] == ("periodic", 1.0)


def test_a_quantity_is_told_by_name_or_unit() -> None:
    assert quantity("x17", "bar") == ("pressure", "")
    assert quantity("x17", "mm/s") == ("vibration", "") or "fits" in quantity("x17", "mm/s")[1]
    assert quantity("x17", "") == ("", "neither the name nor the unit tells the quantity: write it")
    assert quantity("flow", "furlong") == ("flow", "")
    assert unit("m³/h") == ("m3/h", "")


def test_the_catalogue_takes_the_sheet(tmp_path: Path) -> None:
    assert (*HEADER, "note") == COLUMNS
    path = tmp_path / "plant.csv"
    write(path, rows([signal(), signal(sensor_id="pump-7.x", unit="furlong")]))
    with path.open(newline="") as file:
        cells = list(csv.reader(file))
    assert cells[0] == list(COLUMNS)
    taken = sheet.read(path.read_bytes())
    assert taken.problems == []
    assert len(taken.rows) == 3


DUTY = [0.4] * 30 + [700.0] + [1480.0 + number % 7 for number in range(70)]


def test_a_run_rule_is_proposed_where_a_sensor_shows_it_plainly(tmp_path: Path) -> None:
    times = [number * SECOND for number in range(len(DUTY))]
    load = [value / 100 for value in DUTY]
    found = [
        signal(times=times, values=DUTY, sensor_id="pump-7.Speed DE", unit="r/min"),
        signal(times=times, values=load, sensor_id="pump-7.current", unit="A"),
        signal(times=times, values=DUTY, sensor_id="pump-7.flow", unit="m3/h"),
    ]
    asset = rows(found)[0]
    assert asset["run_state"] == '"pump-7.Speed DE" > 300 +-74'
    assert asset["note"] == "run_state is a proposal: pump-7.Speed DE rests near 0 and runs near 1490; check it"
    assert rows(found[1:])[0]["run_state"] == "pump-7.current > 3 +-0.74"
    assert rows(found[2:])[0]["run_state"] == ""
    path = tmp_path / "plant.csv"
    write(path, rows(found))
    taken = sheet.read(path.read_bytes())
    assert [problem for problem in rules.check(taken, {}) if not problem.note] == []
    assert taken.rows[0].values["run_state"]["threshold"] == 300


@pytest.mark.parametrize(
    "values",
    [[1480.0] * 100, [0.0] * 100, [0.0] + [1480.0] * 99, [400.0] * 30 + [1480.0] * 70, [14.8 * number for number in range(100)], DUTY[:35]],
    ids=["always", "never", "one drop-out", "idles", "every speed", "too few"],
)
def test_no_run_rule_is_proposed_where_it_is_not_plain(values: list[float]) -> None:
    speed = signal(times=[number * SECOND for number in range(len(values))], values=values, sensor_id="pump-7.speed", unit="r/min")
    assert rows([speed])[0]["run_state"] == ""


def test_values_are_thinned_out_evenly() -> None:
    found = signal(times=range(100_000), values=[float(number) for number in range(100_000)])
    assert len(found.values) <= VALUES_MAX
    assert max(found.values) > 99_000
    assert abs(sum(found.values) / len(found.values) - 50_000) < 500
