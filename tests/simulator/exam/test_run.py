import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.main import app
from processors.acquisition import ROW
from schemas.codec import Decoded, decode
from simulator.exam.episodes import Detection, Episode
from simulator.exam.log import TICK_US, Log, merged
from simulator.exam.marginal import describe, mix, recorded
from simulator.exam.rivals import Zone
from simulator.exam.run import Run
from simulator.exam.session import BEGIN_US, Paper
from simulator.exam.twin import compare
from simulator.life.first import First
from simulator.life.plant import stream

PAPER = Paper("A", 3, 2, 0, 0.5, period_s=600)
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000


def test_the_log_holds_every_reading_once_in_order_of_arrival_and_its_ticks() -> None:
    place, units = PAPER.site, PAPER.units()
    streams = [stream(First(), place, what, begin_us=BEGIN_US, period_s=600) for what in units]
    log = Log(units, merged(streams, [0, len(units[0].sensors)]))
    end_us = BEGIN_US + place.hours * HOUR_US
    readings = ticks = 0
    newest = 0
    for chunk in log.chunks(BEGIN_US, end_us + 5 * DAY_US, 5 * DAY_US):
        assert (np.diff(chunk.known_at) >= 0).all()
        assert not len(chunk.known_at) or chunk.known_at[0] >= newest
        newest = int(chunk.known_at[-1])
        null = chunk.keys.end < chunk.keys.start
        ticks, readings = ticks + int(null.sum()), readings + int((~null).sum())
        first = decode(chunk.values[0])
        assert isinstance(first, Decoded)
    assert readings == sum(len(each.ts) for each in streams)
    assert ticks == (newest - BEGIN_US) // TICK_US


def test_a_run_accepts_baselines_and_is_repeatable() -> None:
    paper = Paper("A", 3, 1, 0, 0.5)
    outcomes = [Run(First(), paper.site, paper.units(), begin_us=BEGIN_US, period_s=600).go() for _ in range(2)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].baselines >= 4
    assert set(outcomes[0].episodes) == {"platform", "limits only", "zone only"}


def evidence(phase: str, at: int, sensor: str = "p.vibration", kind: str = "drift", subject: str = "machine") -> dict[str, object]:
    names = {"asset_id": "p", "sensor_id": sensor, "gateway": "g", "detector": "level1/reference", "kind": kind, "subject": subject}
    figures = {"value": 1.0, "expected": 0.5, "surprise": 6.0, "threshold": 5.0, "severity": 2, "historical": False}
    return {**names, **figures, "phase": phase, "ts": at, "since": at, "known_at": at, "mode": "", "model": "m", "contributions": {}}


def test_episodes_keep_when_their_sensors_became_known() -> None:
    detection = Detection()
    detection.take([evidence("on", 10), evidence("on", 20, "p.current"), evidence("off", 30), evidence("off", 40, "p.current")], 50)
    (episode,) = detection.found.values()
    assert (episode.known_at, episode.end, episode.subject) == (10, 40, "machine")
    assert episode.sensors == [(10, ("p.vibration",)), (20, ("p.current", "p.vibration"))]


def test_silence_ripens_without_ticks_in_the_log() -> None:
    detection = Detection()
    detection.take([evidence("on", 10, kind="silent", subject="sensor")], 10)
    assert not detection.found
    detection.take([], 10_000_010)
    assert [episode.subject for episode in detection.found.values()] == ["sensor"]


def test_a_zone_speaks_after_three_hours_and_is_quiet_after_a_day() -> None:
    zone = Zone("p", "p.vibration")
    rows = np.zeros(60, ROW)
    rows["ts"] = HOUR_US * np.arange(60)
    rows["value"] = np.where((np.arange(60) >= 10) & (np.arange(60) < 20), 3.0, 1.0)
    zone.take(rows)
    (episode,) = zone.found
    assert (episode.known_at, episode.end) == (12 * HOUR_US, 44 * HOUR_US)


def test_who_heeds_good_advice_has_fewer_failures() -> None:
    paper = Paper("A", 3, 60, 0, 2.0)
    units, place = paper.units(), paper.site
    known = []
    for what in units:
        for failure in what.history.failures:
            if failure.mode.kind == "wear" and failure.fail_h - failure.sign_h > 1000:
                at = BEGIN_US + (failure.sign_h + failure.fail_h) // 2 * HOUR_US
                names = tuple(f"{what.name}.{channel}" for channel in failure.mode.effects or ())
                known.append(Episode(what.name, "machine", at, at, "d", None, [(at, names)]))
    effect = compare(units, known, BEGIN_US, lambda what, advice: paper.unit(place, int(what.name[-4:]), advice))
    nothing = compare(units, [], BEGIN_US, lambda what, advice: paper.unit(place, int(what.name[-4:]), advice))
    assert (nothing.heeded, nothing.looks) == (nothing.without, 0)
    assert effect.heeded < effect.without
    assert effect.found >= len(known) // 2


def test_figures_of_a_series() -> None:
    found = describe(np.arange(1000), np.sin(np.arange(1000) / 50))
    assert found["lag 1"] > 0.99
    assert found["kurtosis"] == pytest.approx(-1.5, abs=0.1)
    assert sum(mix(PAPER.units()).values()) == pytest.approx(1.0, abs=0.01)


def test_sets_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    assert not list(recorded(tmp_path))


def test_the_command_prints_one_document(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    options = ["--machines", "2", "--faultless", "1", "--years", "0.5", "--workers", "1", "--truth", str(truth), "--json"]
    result = CliRunner().invoke(app, ["exam", *options])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [line["candidate"] for line in told["candidates"]] == ["platform", "limits only", "zone only", "always", "never"]
    assert told["run"]["readings"] > 300_000
    assert (told["probabilities"], told["reliability"]) == ([], []), "no class failed often enough for a chance"
    assert "fewer than 5 failures of every class" in told["unstated"]
    assert truth.exists()


def test_wrong_options_are_named(tmp_path: Path) -> None:
    assert "must divide 3600" in CliRunner().invoke(app, ["exam", "--period", "700"]).output
    missing = CliRunner().invoke(app, ["exam", "--seed-file", str(tmp_path / "none.toml")])
    assert missing.exit_code == 1
    assert "no seeds of variant A" in missing.output
