import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import spectrum
from processors.acquisition import Acquisition, Applied, Options, Source
from processors.occasion import DUE, spectra
from schemas.codec import decode, encode
from tests.processors.partition import SECOND, T0, Log, feed, fresh

SOURCE = Source("frames", "frames.raw.v1", "f0", 0, 1)
RATE_HZ = 4096.0
HOUR = 3600 * SECOND
QUICK = Options(grace_readings=5, grace_s=30, quiet_s=30)
NOISE = np.random.default_rng(7).normal(0.0, 0.1, (16, 2048))


def wave(amplitude: float, n: int = 0, size: int = 2048) -> Any:
    return amplitude * np.sin(2 * np.pi * 50.0 * np.arange(size) / RATE_HZ) + np.resize(NOISE[n % 16], size)


def frame(values: Any, ts: int, sensor: str = "A.vib", **fields: Any) -> bytes:
    packed = np.asarray(values, "<f4").tobytes()
    return encode("Frame", {"sensor_id": sensor, "ts": ts, "sample_rate_hz": RATE_HZ, "kind": "waveform", "values": packed, **fields})


def minutes(log: Log, count: int, amplitude: float = 1.0, sensor: str = "A.vib") -> Log:
    """A frame a minute."""
    for n in range(count):
        log.add(frame(wave(amplitude, n), log.now, sensor))
        log.now += 60 * SECOND
    return log


def kept(log: Log) -> Applied:
    return feed(fresh(QUICK, SOURCE), log)


def times(applied: Applied, kind: str = "velocity") -> list[tuple[float, str]]:
    """Minutes after T0 and occasion of the kept spectra of a kind."""
    return [((record["ts"] - T0) / 60 / SECOND, record["occasion"]) for record in applied.spectra if record["kind"] == kind]


def test_an_hour_of_event_time_keeps_its_first_frame() -> None:
    found = kept(minutes(Log(), 130))
    assert times(found) == [(0, "hour"), (40, "hour"), (100, "hour")]  # T0 is 14:20
    assert times(found, "envelope") == times(found)


def test_a_spectrum_knows_the_mode_of_its_own_asset() -> None:
    log = Log()
    for asset in "ABCDE":
        log.add(frame(wave(1.0), log.now, f"{asset}.vib"), asset.encode())
    band = [{"sensor_id": "E.vib:velocity_rms", "name": "loud", "low": 0.001, "high": 1e6}]
    log.mark("catalogue", 1, subject="asset/E", entry={"kind": "asset", "version": 1, "asset_id": "E", "modes": band})
    for n in range(3):
        log.now += HOUR
        log.add(frame(wave(1.0, n), log.now, "E.vib"), b"E")
    assert [record["mode"] for record in kept(log).spectra if record["asset_id"] == "E"][-2:] == ["loud", "loud"]


def test_late_frames_of_an_hour_that_was_kept_are_not() -> None:
    log = minutes(Log(), 50)
    found = kept(log.add(frame(wave(1.0), T0 + 60 * SECOND)).add(frame(wave(1.0), T0 - HOUR)))
    assert [ts for ts, _ in times(found)] == [0, 40]


def test_begin_and_end_of_a_condition_keep_the_frame_that_tells() -> None:
    log = Log()
    for name in ("velocity_rms", "kurtosis"):
        log.sensor(sensor=f"A.vib:{name}", limit_h=5.0 if name == "velocity_rms" else None)
    minutes(log, 15)
    begin = log.now
    minutes(log, 3, amplitude=5.0)
    found = kept(minutes(log, 10))
    limits = [record for record in found.evidence if record["detector"] == "level1/limit"]
    assert {record["sensor_id"] for record in limits} == {"A.vib:velocity_rms"}
    told = {int(log.known[record["origin"]["offset"]]) for record in found.evidence if record["detector"].startswith("level1/")}
    stored = {record["ts"] for record in found.spectra if record["occasion"] == "condition"}
    assert begin in stored
    assert stored <= told
    assert {int(log.known[record["origin"]["offset"]]) for record in limits if record["phase"] != "peak"} <= stored


def test_the_begin_of_a_condition_keeps_the_waveform_and_nothing_else_does() -> None:
    log = Log().sensor(sensor="A.vib", scale=2.0)
    for name in ("velocity_rms", "kurtosis"):
        log.sensor(sensor=f"A.vib:{name}", limit_h=5.0 if name == "velocity_rms" else None)
    minutes(log, 15)
    begin = log.now
    found = kept(minutes(minutes(log, 3, amplitude=5.0), 10))
    begins = {
        record["origin"]["offset"] for record in found.evidence if record["phase"] == "on" and record["detector"].startswith("level1/")
    }
    assert {record["origin"]["offset"] for record in found.waveforms} == begins
    record = next(record for record in found.waveforms if record["ts"] == begin)
    assert record["condition_sensor_id"].startswith("A.vib:")
    assert (record["occasion"], record["detector"].split("/")[0], record["unit"], record["cut"]) == ("begin", "level1", "m/s2", False)
    assert (record["sample_rate_hz"], record["size"], record["known_at"]) == (RATE_HZ, 2048, begin)
    sent = np.asarray(wave(5.0, 0), "<f4")
    assert np.array_equal(np.frombuffer(record["values_f4"], "<f4"), np.float32(2.0) * sent)
    assert decode(encode("Waveform", record)) == decode(encode("Waveform", kept(log).waveforms[0]))


def test_a_limit_that_the_first_frame_breaks_keeps_it() -> None:
    found = kept(minutes(Log().sensor(sensor="A.vib:velocity_rms", limit_h=1.0), 1))
    assert [record["kind"] for record in found.waveforms] == ["limit_high"]
    assert times(found) == [(0, "hour")]


def test_a_long_waveform_is_cut_and_says_so() -> None:
    value = frame(np.arange(240_000) % 7, T0)
    (record,) = kept(Log().sensor(sensor="A.vib:velocity_rms", limit_h=1e-6).add(value)).waveforms
    assert (record["size"], record["cut"], len(record["values_f4"])) == (240_000, True, 880_000)
    assert len(encode("Waveform", record)) < 900_000


def test_a_condition_that_a_mark_ends_keeps_the_next_frame() -> None:
    log = minutes(Log().sensor(sensor="A.vib:velocity_rms", limit_h=1.0), 10)
    before = [occasion for _, occasion in times(kept(log))]
    log.mark("reset", subject="sensor/A.vib:velocity_rms")
    assert times(kept(minutes(log, 1, amplitude=0.1)))[len(before) :] == [(10, "condition")]


def test_what_is_kept_says_where_it_comes_from() -> None:
    log = Log().sensor(sensor="A.vib", scale=2.0).add(frame(wave(1.0, size=4096), T0))
    velocity, envelope = kept(log).spectra
    assert (velocity["asset_id"], velocity["sensor_id"], velocity["ts"], velocity["known_at"]) == ("A", "A.vib", T0, T0)
    assert (velocity["origin"]["offset"], velocity["origin"]["nth"], envelope["origin"]["nth"]) == (1, 0, 1)
    assert (velocity["unit"], velocity["df_hz"], velocity["band_low_hz"]) == ("mm/s", 1.0, None)
    assert (velocity["rate_hz"], velocity["size"]) == (RATE_HZ, 4096)
    line = np.frombuffer(velocity["amplitude_f4"], "<f4")[50]
    assert line == pytest.approx(2e3 / np.sqrt(2) / (2 * np.pi * 50), rel=0.02)
    assert not envelope["band_low_hz"] >= envelope["band_high_hz"]


@pytest.mark.parametrize(
    "value",
    [
        frame([np.nan] * 64, T0),
        frame([np.inf] * 64, T0),
        frame([3e38, -3e38] * 32, T0),
        frame([1.0] * 10, T0),
        frame(wave(1.0), T0, status=0x80000000),
        frame(wave(1.0), T0, sensor=""),
    ],
    ids=["nan", "inf", "huge", "short", "bad", "nameless"],
)
def test_what_shows_no_vibration_is_not_kept(value: bytes) -> None:
    assert kept(Log().add(value)).spectra == []


def test_a_dead_signal_has_no_envelope() -> None:
    assert [found.kind for found, _ in spectra(np.full(2048, 3.0), RATE_HZ)] == ["velocity"]


@pytest.mark.parametrize(("size", "rate_hz"), [(64, 25_600.0), (1000, 1000.0), (8192, 8192.0), (250_000, 51_200.0), (4096, 40.0)])
def test_a_kept_spectrum_is_short_and_has_the_energy_up_to_its_end(size: int, rate_hz: float) -> None:
    values = np.sin(2 * np.pi * rate_hz / 8 * np.arange(size) / rate_hz)
    found, _ = spectra(values, rate_hz)[0]
    assert len(found.amplitude) <= 1600
    end = found.first_hz + (len(found.amplitude) - 0.5) * found.df_hz
    assert spectrum.total(found) == pytest.approx(spectrum.total(spectrum.spectrum(values, rate_hz, "velocity"), 0.0, end), rel=1e-3)


def eventful(seed: int) -> Log:
    """Waveforms of two sensors that get worse and better, with marks, ticks, late and broken frames between."""
    draw = np.random.default_rng(seed)
    log = Log().sensor(sensor="A.vib:velocity_rms", limit_h=4.0)
    for n in range(90):
        kind = int(draw.integers(20))
        sensor = str(draw.choice(["A.vib", "A.other"]))
        if kind == 0:
            log.sensor(n, sensor=sensor, scale=float(draw.integers(1, 4)))
        elif kind == 1:
            log.mark("reset", n, subject=f"sensor/{sensor}:velocity_rms")
        elif kind == 2:
            log.add(draw.bytes(9))
        elif kind < 5:
            log.tick()
        else:
            late = -2 * HOUR if kind == 5 else 0
            log.add(frame(wave(float(draw.choice([1.0, 1.0, 1.0, 9.0])), n), log.now + late, sensor))
        log.now += int(draw.choice([SECOND, 60 * SECOND, 900 * SECOND]))
    return log


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, 91), max_size=8), restore=st.booleans())
def test_any_cutting_and_any_restore_keeps_the_same(seed: int, cuts: list[int], restore: bool) -> None:  # noqa: FBT001
    log = eventful(seed)
    whole, state = fresh(QUICK, SOURCE), fresh(QUICK, SOURCE)
    expected = feed(whole, log)
    found: tuple[list[Any], list[Any]] = [], []
    for begin, end in itertools.pairwise([0, *sorted(cuts), len(log.values)]):
        applied = feed(state, log, begin, end)
        found[0].extend(applied.spectra)
        found[1].extend(applied.waveforms)
        if restore:
            state = Acquisition.unpack(state.pack(), source=SOURCE, options=Options())
    assert found == (expected.spectra, expected.waveforms)
    assert state.pack() == whole.pack()


def test_the_log_of_the_law_holds_both_occasions() -> None:
    found = kept(eventful(3))
    assert {record["occasion"] for record in found.spectra} == {"hour", "condition"}
    assert found.waveforms


def test_one_number_a_sensor_is_remembered() -> None:
    state = fresh(QUICK, SOURCE)
    feed(state, minutes(minutes(Log(), 20), 20, sensor="A.other"))
    assert set(state.state.spectra) == {"A.vib", "A.other"}
    assert all(hour == DUE or hour >= T0 // HOUR for hour in state.state.spectra.values())
