import math
from typing import Any

import numpy as np
import pytest

from processors.acquisition import Options, Source
from processors.outcome import Flag, Reason
from schemas.codec import encode
from tests.processors.partition import SECOND, T0, Log, feed, fresh

SOURCE = Source("frames", "frames.raw.v1", "f0", 0, 1)
RATE_HZ = 4096.0


def frame(values: Any, *, kind: str = "samples", rate_hz: float = 10.0, ts: int = T0, sensor: str = "A.vib", **fields: Any) -> bytes:
    packed = values if isinstance(values, bytes) else np.asarray(values, "<f4").tobytes()
    return encode("Frame", {"sensor_id": sensor, "ts": ts, "sample_rate_hz": rate_hz, "kind": kind, "values": packed, **fields})


def sine(hz: float = 50.0, amplitude: float = 10.0) -> Any:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(int(RATE_HZ)) / RATE_HZ)


def apply(log: Log) -> Any:
    state = fresh(Options(), SOURCE)
    return state, feed(state, log)


def test_samples_become_rows_of_their_sensor() -> None:
    state, found = apply(Log().add(frame([1.0, 2.0, 3.0], status=0x40000000)))
    assert found.rows["ts"].tolist() == [T0, T0 + 100_000, T0 + 200_000]
    assert found.rows["value"].tolist() == [1.0, 2.0, 3.0]
    assert found.rows["status"].tolist() == [0x40000000] * 3
    assert [bool(flags & Flag.PART) for flags in found.rows["flags"]] == [False, True, True]
    assert found.counts["received"].tolist() == [1]
    assert state.state.sensor_names == ["A.vib"]


def test_a_waveform_becomes_derived_sensors() -> None:
    log = Log().sensor(sensor="A.vib", scale=2.0).add(frame(sine(), kind="waveform", rate_hz=RATE_HZ))
    state, found = apply(log)
    named = {state.state.sensor_names[row["sensor"]]: float(row["value"]) for row in found.rows}
    assert named["A.vib:velocity_rms"] == pytest.approx(2 * 1e3 * 10 / math.sqrt(2) / (2 * math.pi * 50), rel=1e-3)
    assert named["A.vib:displacement_rms"] == pytest.approx(2 * 1e6 * 10 / math.sqrt(2) / (2 * math.pi * 50) ** 2, rel=2e-3)
    assert named["A.vib:crest"] == pytest.approx(math.sqrt(2), rel=1e-3)
    assert named["A.vib:kurtosis"] == pytest.approx(1.5, rel=1e-3)
    assert named["A.vib:band_mid"] == pytest.approx(2 * 10 / math.sqrt(2), rel=1e-3)
    assert len(found.rows) == len(named) == 10
    assert [row[2] for row in state.describe(np.arange(1, 11, dtype=np.int32))] == ["vibration"] * 10


@pytest.mark.parametrize("scale", [1e80, 1e160, 1e300])
def test_an_absurd_scale_ends_no_worker(scale: float) -> None:
    log = Log().sensor(sensor="A.vib", scale=scale).add(frame(sine(), kind="waveform", rate_hz=8192.0))
    _, found = apply(log)
    assert len(found.rows) >= 10


def test_values_beyond_numbers_are_no_values() -> None:
    _, found = apply(Log().add(frame([1.0, math.nan])).add(frame([math.inf] * 64, kind="waveform", rate_hz=RATE_HZ, sensor="A.w")))
    assert [bool(flags & Flag.NO_VALUE) for flags in found.rows["flags"]] == [False] + [True] * 8


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (frame(b"abc"), Reason.MISSING_FIELD, "no multiple of 4"),
        (frame(b""), Reason.MISSING_FIELD, "0 values"),
        (frame([1.0] * 63, kind="waveform"), Reason.MISSING_FIELD, "63 values"),
        (frame([1.0], rate_hz=0.0), Reason.MISSING_FIELD, "sample_rate_hz is 0.0"),
        (frame([1.0], rate_hz=math.nan), Reason.MISSING_FIELD, "sample_rate_hz is nan"),
        (frame([1.0], sensor=""), Reason.MISSING_FIELD, "empty"),
        (frame([1.0] * 64, kind="waveform", sensor=""), Reason.MISSING_FIELD, "empty"),
        (frame([1.0] * 64, kind="waveform", sensor="s" * 200), Reason.MISSING_FIELD, "at most 200"),
        (frame([1.0, 1.0], rate_hz=1e-3), Reason.BAD_TIMESTAMP, "ahead"),
        (frame([1.0, 1.0], rate_hz=1e-300), Reason.BAD_TIMESTAMP, "ahead"),
        (frame([1.0], ts=0), Reason.BAD_TIMESTAMP, "before 2000"),
        (frame([1.0])[:-2], Reason.UNDECODABLE, "Frame"),
        (encode("Reading", {"sensor_id": "s", "ts": T0, "value": 1.0}), Reason.UNKNOWN_SCHEMA, "a Reading; this topic takes Frame"),
    ],
)
def test_an_unusable_frame_is_one_rejection(value: bytes, reason: Reason, detail: str) -> None:
    _, found = apply(Log().add(value).add(frame([1.0, 2.0])))
    (rejected,) = found.rejections
    assert (rejected["reason"], len(found.rows)) == (reason, 2)
    assert detail in rejected["detail"]


def test_samples_that_no_block_could_hold_are_oversized() -> None:
    _, found = apply(Log().add(frame(np.zeros(20_001))).add(frame([1.0, 2.0])))
    (rejected,) = found.rejections
    assert (rejected["reason"], len(found.rows)) == (Reason.OVERSIZED, 2)
    assert rejected["detail"] == "20001 samples in one frame, at most 20000: send shorter frames, or kind waveform"


def test_a_long_waveform_is_not_oversized() -> None:
    _, found = apply(Log().add(frame(np.tile(sine(), 5)[:20_001], kind="waveform", rate_hz=RATE_HZ)))
    assert not found.rejections
    assert len(found.rows)


def test_a_decommissioned_waveform_is_refused() -> None:
    log = Log().sensor(sensor="A.vib", state="decommissioned").add(frame(sine(), kind="waveform", rate_hz=RATE_HZ))
    _, found = apply(log)
    assert [record["reason"] for record in found.rejections] == [Reason.DECOMMISSIONED_SENSOR]
    assert len(found.rows) == 0


def test_a_derived_sensor_can_be_decommissioned_alone() -> None:
    log = Log().sensor(sensor="A.vib:velocity_rms", state="decommissioned").add(frame(sine(), kind="waveform", rate_hz=RATE_HZ))
    _, found = apply(log)
    assert not found.rejections
    assert [bool(flags & Flag.PART) for flags in found.rows["flags"]] == [False] + [True] * 8


def test_a_frame_under_the_key_of_another_asset_is_refused_once() -> None:
    log = Log().add(frame([1.0])).add(frame([1.0, 2.0], ts=T0 + SECOND), b"B")
    _, found = apply(log)
    assert [record["reason"] for record in found.rejections] == [Reason.WRONG_KEY]


def test_any_cutting_of_frames_gives_the_same() -> None:
    log = Log()
    for i in range(40):
        log.add(frame(sine(50 + i), kind="waveform", rate_hz=RATE_HZ, ts=log.now) if i % 3 else frame([i, 1.0], ts=log.now)).tick()
        log.now += 30 * SECOND
    whole, cut = fresh(Options(), SOURCE), fresh(Options(), SOURCE)
    expected = feed(whole, log)
    parts = [feed(cut, log, begin, begin + 7) for begin in range(0, len(log.values), 7)]
    assert whole.pack() == cut.pack()
    assert np.concatenate([part.rows for part in parts]).tobytes() == expected.rows.tobytes()
    assert [record for part in parts for record in part.features] == list(expected.features)
