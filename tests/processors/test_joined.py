"""Two records of one window are judged as one, whichever comes first, and nobody waits for ever."""

import json
from typing import Any

import pytest

from processors import joined
from processors.pattern.row import cells
from tests.processors.plant import window

READINGS, FRAMES = {"P1.temp": 50.0, "P1.speed": 1000.0}, {"P1.vib:rms": 2.0}


def record(number: int, means: dict[str, float], **more: Any) -> dict[str, Any]:
    topic = "frames" if means is FRAMES else "raw"
    return window(number, means, origin={"topic_id": topic, "partition": 0, "offset": number, "nth": 0}, **more)


def told(*records: dict[str, Any], held: Any = None) -> list[list[tuple[int, list[str]]]]:
    """Start in windows and sensors of what each record makes whole; the state is kept as JSON in between."""
    held, made, begin = held or joined.empty(), [], record(0, READINGS)["start"]
    for each in records:
        made.append([((one["start"] - begin) // 600_000_000, sorted(one["sensors"])) for one in joined.whole(held, each)])
        held.update(json.loads(json.dumps(held)))
    return made


BOTH = ["P1.speed", "P1.temp", "P1.vib:rms"]


def test_an_asset_with_one_source_waits_for_nothing() -> None:
    assert told(*(record(n, READINGS) for n in (0, 1, 1, 0, 5))) == [[(n, ["P1.speed", "P1.temp"])] for n in (0, 1, 1, 0, 5)]


@pytest.mark.parametrize(("first", "second"), [(READINGS, FRAMES), (FRAMES, READINGS)])
def test_the_record_of_the_other_source_completes_a_window(first: dict[str, float], second: dict[str, float]) -> None:
    records = [record(n, means) for n in range(3) for means in (first, second)]
    assert told(*records)[2:] == [[], [(1, BOTH)], [], [(2, BOTH)]]


def test_a_joined_window_has_every_column_and_the_named_mode() -> None:
    held = joined.empty()
    for n, means in ((0, READINGS), (0, FRAMES), (1, READINGS)):
        joined.whole(held, record(n, means, mode="running" if means is READINGS else ""))
    held = json.loads(json.dumps(held))
    (found,) = joined.whole(held, record(1, FRAMES, mode=""))
    assert cells(found, ["P1.temp.mean", "P1.vib:rms.mean", "P1.speed.mean", "P1.vib:rms.good"]) == [50.0, 2.0, 1000.0, 1.0]
    assert cells(found, ["P1.temp.n", "P1.vib:rms.n"]) == [60.0, 60.0]
    assert found["mode"] == "running"


def test_a_later_window_releases_the_one_that_waits() -> None:
    records = [record(0, READINGS), record(0, FRAMES), record(1, READINGS), record(2, READINGS), record(2, FRAMES)]
    assert told(*records)[2:] == [[], [(1, ["P1.speed", "P1.temp"])], [(2, BOTH)]]


def test_nobody_waits_for_a_source_that_fell_silent() -> None:
    records = [record(0, READINGS), record(0, FRAMES), *(record(n, READINGS) for n in range(1, 10))]
    found = told(*records)
    assert found[2] == []
    assert found[8][-1][0] == 7
    assert [len(each) for each in found[3:]] == [1, 1, 1, 1, 1, 2, 1, 1]


def test_what_comes_too_late_stands_alone() -> None:
    records = [record(0, READINGS), record(0, FRAMES), record(1, READINGS), record(2, READINGS), record(1, FRAMES)]
    assert told(*records)[-1] == [(1, ["P1.vib:rms"])]
