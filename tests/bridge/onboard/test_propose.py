import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge.onboard.propose import COLUMNS, quantity, reporting, rows, unit, write
from bridge.onboard.signal import INTERVALS_MAX, Signal
from bridge.reading import Point
from catalogue import sheet
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
    assert asset == {"kind": "asset", "asset_id": "pump-7", "class": "pump", "note": ""}
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
    assert set(COLUMNS) - {"note"} <= set(HEADER)
    path = tmp_path / "plant.csv"
    write(path, rows([signal(), signal(sensor_id="pump-7.x", unit="furlong")]))
    with path.open(newline="") as file:
        cells = list(csv.reader(file))
    assert cells[0][-1] == "note"
    taken = sheet.read(path.read_bytes())
    assert taken.problems == []
    assert len(taken.rows) == 3
