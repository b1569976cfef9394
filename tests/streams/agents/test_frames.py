from pathlib import Path

import numpy as np
import pytest

from schemas.codec import Decoded, decode, encode
from settings import Settings
from streams.agents import acquisition
from streams.topics import FRAMES, SPECTRA, WAVEFORMS
from streams.work import Output
from tests.streams.building import START_MS, Input, place, taken

RATE_HZ = 4096.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def waveform(offset: int) -> Input:
    values = np.sin(2 * np.pi * 50 * np.arange(4096) / RATE_HZ).astype("<f4").tobytes()
    at_ms = START_MS + 60_000 * offset
    body = {"sensor_id": "P1.vib", "ts": at_ms * 1000, "sample_rate_hz": RATE_HZ, "kind": "waveform", "values": values}
    return Input(offset, encode("Frame", body), timestamp=at_ms)


def kept(outputs: list[Output]) -> list[Output]:
    return [output for output in outputs if output.topic == SPECTRA]


def test_spectra_travel_under_their_asset(settings: Settings) -> None:
    found = kept(acquisition.begin(place(FRAMES), settings, None).apply(taken([waveform(0), waveform(1)], 0, 2)))
    assert [output.key for output in found] == [b"P1", b"P1"]
    decoded = [decode(output.value) for output in found]
    assert [each.record["kind"] for each in decoded if isinstance(each, Decoded)] == ["velocity", "envelope"]
    assert dict(found[1].headers)["ce_id"] == b"topic-id/0/0/1"


def test_a_restored_worker_keeps_no_hour_twice(settings: Settings) -> None:
    first = acquisition.begin(place(FRAMES), settings, None)
    assert len(kept(first.apply(taken([waveform(0)], 0, 1)))) == 2
    second = acquisition.begin(place(FRAMES), settings, first.pack())
    assert kept(second.apply(taken([waveform(1)], 1, 2))) == []


def test_a_waveform_travels_under_its_asset_once_its_condition_began(settings: Settings) -> None:
    entry = {"kind": "sensor", "version": 1, "asset_id": "P1", "sensor_id": "P1.vib:velocity_rms", "limit_h": 0.01}
    mark = encode("Mark", {"kind": "catalogue", "version": 1, "subject": "sensor/P1.vib:velocity_rms", "entry": entry})
    log = [Input(0, mark, None), waveform(1), waveform(2)]
    outputs = acquisition.begin(place(FRAMES), settings, None).apply(taken(log, 0, 3))
    (found,) = [output for output in outputs if output.topic == WAVEFORMS]
    assert (found.key, dict(found.headers)["ce_id"]) == (b"P1", b"topic-id/0/1/0")
    told = decode(found.value)
    assert isinstance(told, Decoded)
    assert (told.record["sensor_id"], told.record["occasion"], told.record["kind"]) == ("P1.vib", "begin", "limit_high")
