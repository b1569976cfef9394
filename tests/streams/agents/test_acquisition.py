from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processors.refusal import SAMPLES_MAX
from schemas.codec import Decoded, decode, encode
from settings import Settings
from streams.agents import acquisition
from streams.agents.acquisition import AcquisitionWork
from streams.topics import EVIDENCE, FRAMES, RAW, REJECTIONS, SCORED
from streams.transport.records import NONE
from streams.work import Output, Taken
from tests.streams.building import START_MS, Input, place, reading, taken, tick


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def work(settings: Settings) -> AcquisitionWork:
    return acquisition.begin(place(RAW), settings, None)


def record(output: Output) -> dict[str, Any]:
    found = decode(output.value)
    assert isinstance(found, Decoded)
    return found.record


def blocks(outputs: Sequence[Output]) -> list[dict[str, Any]]:
    return [record(output) for output in outputs if output.topic == SCORED]


def offsets(block: dict[str, Any]) -> list[int]:
    return [int(each) + block["start"] for each in np.frombuffer(block["offset_u4"], "<u4")]


def test_a_chunk_of_readings_becomes_one_block(work: AcquisitionWork) -> None:
    records = [reading(0), reading(1, "P1.flow", 2.5), reading(3, value=-1.0)]
    (block,) = blocks(work.apply(taken(records, 0, 5)))
    assert (block["start"], block["end"], block["rows"]) == (0, 5, 3)
    assert block["voids"] == [{"start": 2, "end": 3}, {"start": 4, "end": 5}]
    assert offsets(block) == [0, 1, 3]
    assert np.frombuffer(block["value_f8"], "<f8").tolist() == [1.0, 2.5, -1.0]
    names = [block["sensors"][each]["sensor_id"] for each in np.frombuffer(block["sensor_u2"], "<u2")]
    assert names == ["P1.temp", "P1.flow", "P1.temp"]
    assert {each["asset_id"] for each in block["sensors"]} == {"P1"}
    assert sum(each["received"] for each in block["counts"]) == 3


def test_ticks_wait_for_the_next_readings_or_for_the_snapshot(work: AcquisitionWork) -> None:
    assert work.apply(taken([tick(0), tick(1)], 0, 2)) == []
    (block,) = blocks(work.apply(taken([reading(2)], 2, 3)))
    assert (block["start"], block["end"], sum(each["mark"] for each in block["counts"])) == (0, 3, 2)
    assert work.apply(taken([tick(3)], 3, 4)) == []
    (block,) = blocks(work.settle())
    assert (block["start"], block["end"], block["rows"]) == (3, 4, 0)
    assert work.settle() == []


def test_a_refused_record_is_named_in_the_block_and_kept(work: AcquisitionWork) -> None:
    outputs = work.apply(taken([reading(0), Input(1, b"{}"), reading(2)], 0, 3))
    (block,) = blocks(outputs)
    assert np.frombuffer(block["rejected_u4"], "<u4").tolist() == [1]
    (rejected,) = [record(output) for output in outputs if output.topic == REJECTIONS]
    assert (rejected["reason"], rejected["origin"]["offset"], rejected["value"]) == ("undecodable", 1, b"{}")


def test_expired_offsets_are_told_at_once(work: AcquisitionWork) -> None:
    (block,) = blocks(work.apply(Taken(NONE, 0, 400, [], [(0, 400)])))
    assert (block["start"], block["end"], block["expired"]) == (0, 400, [{"start": 0, "end": 400}])


def test_a_record_that_kills_is_counted_as_rejected(work: AcquisitionWork) -> None:
    outputs = work.refuse(reading(0), "ended the worker 3 times")
    (block,) = blocks(outputs)
    assert (block["start"], block["end"], block["rows"], block["counts"][0]["rejected"]) == (0, 1, 0, 1)
    assert record(outputs[1])["reason"] == "fault"


def test_large_chunks_are_cut_into_blocks_that_tile(settings: Settings) -> None:
    small = acquisition.begin(place(RAW), settings.model_copy(update={"block_bytes_max": 10_000}), None)
    records = [reading(offset, f"P1.s{offset}") for offset in range(500)]
    found = small.apply(taken(records, 0, 500))
    cut = blocks(found)
    assert [block["start"] for block in cut] == [0, *(block["end"] for block in cut[:-1])]
    assert [offset for block in cut for offset in offsets(block)] == list(range(500))
    assert max(len(output.value or b"") for output in found) <= 10_000


def test_the_longest_samples_frame_fits_a_block(settings: Settings) -> None:
    frames = acquisition.begin(place(FRAMES), settings, None)
    samples = {"ts": (START_MS - 60_000) * 1000, "sample_rate_hz": 1000.0, "kind": "samples", "values": bytes(4 * SAMPLES_MAX)}
    found = frames.apply(taken([Input(0, encode("Frame", {"sensor_id": "P1.flow", **samples}))], 0, 1))
    assert blocks(found)[0]["rows"] == SAMPLES_MAX
    assert max(len(output.value or b"") for output in found) <= settings.block_bytes_max


def test_restoring_between_chunks_changes_nothing(settings: Settings, work: AcquisitionWork) -> None:
    records = [reading(offset, f"P1.s{offset % 3}", value=float(offset % 7)) for offset in range(300)]
    whole = blocks(work.apply(taken(records, 0, 300)))
    first = acquisition.begin(place(RAW), settings, None)
    pieces = blocks([*first.apply(taken(records[:140], 0, 140)), *first.settle()])
    second = acquisition.begin(place(RAW), settings, first.pack())
    pieces += blocks([*second.apply(taken(records[140:], 140, 300)), *second.settle()])
    for column in ("value_f8", "status_u4", "score_f4", "ts_i8", "known_at_i8", "flags_u2"):
        assert b"".join(block[column] for block in pieces) == b"".join(block[column] for block in whole)
    assert second.pack() == work.pack()


def test_a_sensor_is_described_anew_when_its_life_cycle_moves(work: AcquisitionWork) -> None:
    states = []
    for offset in range(30):
        (block,) = blocks(work.apply(taken([reading(offset)], offset, offset + 1)))
        states.append(block["sensors"][0]["state"])
    assert states[0] == "discovered"
    assert states[-1] == "learning"


def test_silence_of_all_assets_stands_in_one_partition(work: AcquisitionWork) -> None:
    records = [*(reading(second) for second in range(1200)), *(tick(second) for second in range(1200, 1300))]
    evidence = [output for output in work.apply(taken(records, 0, 1300)) if output.topic == EVIDENCE]
    silent = [output for output in evidence if record(output)["kind"] == "silent"]
    assert [output.key for output in silent] == [b"plant"]
