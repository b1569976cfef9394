import math
from pathlib import Path

import pytest

from simulator.batch import Batch
from simulator.replay.clock import Clock
from simulator.replay.files import ReplayError
from simulator.replay.table import Mapped, Refusal, read

WIDE = Mapped("ts", asset="pump-7")
LONG = Mapped("ts", sensor="tag", value="val", asset_column="machine")


def load(path: Path, text: str, mapped: Mapped, clock: Clock | None = None) -> tuple[list[str], Batch]:
    path.write_text(text)
    [part] = read(path, mapped, clock or Clock()).parts
    [batch] = part.batches()
    return [tag.sensor_id for tag in part.tags], batch


def test_a_wide_file_has_a_sensor_per_column_and_empty_cells_are_no_readings(tmp_path: Path) -> None:
    names, batch = load(tmp_path / "a.csv", "ts,flow,speed\n2024-01-01T00:00:00Z,1,\n2024-01-01T00:00:01Z,2,1480\n", WIDE)
    assert names == ["pump-7.flow", "pump-7.speed"]
    assert batch.value.tolist() == [1, 2, 1480]


def test_a_long_file_is_merged_in_order_of_time_across_sensors(tmp_path: Path) -> None:
    text = "ts,machine,tag,val\n10,m1,a,1\n30,m1,a,2\n20,m1,a,3\n15,m2,b,4\n"
    names, batch = load(tmp_path / "a.csv", text, LONG, Clock(form="s"))
    assert names == ["a", "b"]
    assert batch.value.tolist() == [1, 4, 2, 3]


def test_other_separators_units_and_columns(tmp_path: Path) -> None:
    mapped = Mapped("ts", wide=("flow",), asset="p", units={"flow": "m3/h"}, delimiter=";", decimal=",")
    path = tmp_path / "a.csv"
    path.write_text("ts;flow;remark\n2024-01-01;1,5;x\n")
    [part] = read(path, mapped, Clock()).parts
    assert part.tags[0].unit == "m3/h"
    assert next(iter(part.batches())).value.tolist() == [1.5]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ts,flow\n2024-01-01,one\n", "a.csv:2, column flow: 'one' is not a number"),
        ("ts,flow\n2024-01-01\n", "a.csv:2: 1 cells instead of 2; wrong --delimiter"),
        ("ts,flow\nsoon,1\n", "a.csv:2, column ts: 'soon': no ISO 8601 time; see --time-format"),
        ("time,flow\n", "a.csv:1: no column 'ts'; found: time, flow"),
    ],
)
def test_a_mistake_names_line_and_column(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ReplayError) as raised:
        load(tmp_path / "a.csv", text, WIDE)
    assert told in str(raised.value)


def test_the_same_sensor_under_two_assets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="same sensor under two assets"):
        load(tmp_path / "a.csv", "ts,machine,tag,val\n10,m1,a,1\n10,m2,a,1\n", LONG, Clock(form="s"))


def test_the_mapping_is_part_of_the_identity_of_a_replay(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ts,flow\n2024-01-01,1\n")
    assert read(path, WIDE, Clock()).options != read(path, WIDE, Clock("Europe/Zurich")).options


def test_what_does_not_fit_may_be_taken_down_instead(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ts,flow\n2024-01-01,1\nsoon,2\n2024-01-02,much\n2024-01-03\n")
    refused: list[Refusal] = []
    [part] = read(path, WIDE, Clock(), refused).parts
    assert next(iter(part.batches())).value.tolist() == pytest.approx([1, math.nan], nan_ok=True)
    assert [(item.line, item.what, item.sensor) for item in refused] == [(3, "time", ""), (4, "value", "flow"), (5, "cells", "")]
