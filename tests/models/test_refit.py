"""A detector fitted again on its reference and on the weeks since: what it learns, and how it is judged beside the champion."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from typer.testing import CliRunner

from cli.main import app
from models.fit import Baseline, FitError, fit
from models.generated.fleet import baseline
from models.refit import ROWS_MIN, Material, _normal, alike, gather, load, train, verdict
from models.registry import Registry
from models.version import PASSED
from settings import Settings
from tests.models import stored

EVERYTHING = np.ones(8, np.bool_)
ROWS = 2016  # of the reference: 14 days


def reference() -> Baseline:
    return baseline(0, days=24.0).part(slice(ROWS), EVERYTHING)


def later(shift: float) -> Baseline:
    """The same machine some weeks later; `shift` moved one column for good, which is normal now."""
    recent = baseline(0, days=24.0).part(slice(ROWS, None), EVERYTHING)
    rows = recent.rows.copy()
    rows[:, 2] += shift
    return replace(recent, rows=rows)


def material(shift: float = 0.0) -> Material:
    return alike(reference(), later(shift), "t2spe")


def test_a_small_move_for_good_is_learnt_and_the_gate_sees_it(tmp_path: Path) -> None:
    given = material(0.7)
    given.save(tmp_path)
    champion = fit(given.reference).artifact
    challenger = train(tmp_path, 0)
    assert challenger.parameters["reference rows"] == int(0.7 * ROWS)
    assert verdict(given, champion, challenger.artifact, 0) == PASSED
    assert "recent rows: finds" in verdict(given, challenger.artifact, champion, 0)


def test_a_large_move_would_make_the_detector_deaf_and_is_refused(tmp_path: Path) -> None:
    given = material(6.0)
    given.save(tmp_path)
    assert "frozen rows: finds" in verdict(given, fit(given.reference).artifact, train(tmp_path, 0).artifact, 0)


def test_the_champion_itself_is_no_challenger() -> None:
    given = material()
    champion = fit(given.reference).artifact
    assert "not better than the champion" in verdict(given, champion, champion, 0)


def test_neither_the_recent_nor_the_frozen_rows_teach(tmp_path: Path) -> None:
    given = material()
    given.save(tmp_path)
    before = train(tmp_path, 0).artifact.digest()
    for part in (given.reference, given.recent):
        part.rows[int(0.7 * len(part.rows)) :] += 50.0
    given.save(tmp_path)
    assert train(tmp_path, 0).artifact.digest() == before


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    given = material()
    given.save(tmp_path)
    found = load(tmp_path)
    assert (found.detector, found.recent.columns, found.recent.drivers) == ("t2spe", given.recent.columns, given.recent.drivers)
    np.testing.assert_array_equal(found.recent.rows, given.recent.rows)
    np.testing.assert_array_equal(found.reference.mode, given.reference.mode)


def test_windows_near_an_episode_are_not_normal() -> None:
    recent = later(0.0)
    begin = float(recent.time_s[100])
    kept = _normal(recent, [(begin, begin + 600.0)])
    assert np.flatnonzero(~kept).tolist() == list(range(93, 108))


def test_too_little_or_other_drivers_are_refused() -> None:
    with pytest.raises(FitError, match="299 normal windows since its reference, 300 are needed"):
        alike(reference(), later(0.0).part(slice(299), EVERYTHING), "t2spe")
    with pytest.raises(FitError, match="other drivers"):
        alike(reference(), replace(later(0.0), drivers=("load", "x")), "t2spe")


def test_a_column_that_fell_silent_for_good_is_told() -> None:
    kept = np.arange(8) != 2
    given = alike(reference(), later(0.0).part(slice(None), kept), "t2spe")
    assert len(given.reference.columns) == 7
    assert "without P-101.s2.mean" in verdict(given, fit(reference()).artifact, fit(given.reference).artifact, 0)


NOW = datetime.now(UTC).replace(second=0, microsecond=0)
BEGIN = NOW - timedelta(days=24)
ACCEPTED = BEGIN, BEGIN + timedelta(days=14)
TROUBLE = NOW - timedelta(days=5), NOW - timedelta(days=4, hours=20)


@pytest.fixture
def plant(instance_ready: Settings, empty_registry: bytes) -> Iterator[tuple[Settings, psycopg.Connection[Any]]]:
    """A pump with 24 days of windows: 14 of them its accepted reference, then an episode of four hours."""
    (instance_ready.home / "models").mkdir()
    (instance_ready.home / "models/registry.db").write_bytes(empty_registry)
    healthy = baseline(0, days=24.0)
    given = replace(healthy, mode=healthy.mode.astype("<U9"))
    given.mode[50:60] = "transient"
    with psycopg.connect(instance_ready.database_url.get_secret_value(), autocommit=True) as connection:
        sensors = stored.machine(connection, given)
        stored.windows(connection, given, BEGIN, sensors)
        stored.reference(connection, given.asset, sensors, ACCEPTED)
        stored.episode(connection, given.asset, TROUBLE)
        yield instance_ready, connection


def call(settings: Settings, *words: str) -> Any:
    found = CliRunner().invoke(app, ["models", *words, "--json"], env={"MAINT_HOME": str(settings.home)})
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


@pytest.mark.integration
def test_a_detector_is_fitted_and_trained_again_from_the_database(plant: tuple[Settings, psycopg.Connection[Any]]) -> None:
    settings, connection = plant
    assert call(settings, "fit", "--asset", "P-101", "--window", "600")["version"] == 1
    champion = Registry(settings).version("level2_P-101", "champion")
    given = gather(connection, champion, NOW)
    assert len(given.reference.rows) == ROWS - 10, "windows in which the mode changes are left out"
    assert given.reference.drivers == given.recent.drivers == ("P-101.ambient_c.mean", "P-101.load.mean")
    times = given.recent.time_s
    hour, begin, end = 3600.0, TROUBLE[0].timestamp(), TROUBLE[1].timestamp()
    assert (times[0], times[-1]) == (ACCEPTED[1].timestamp(), NOW.timestamp() - 600.0)
    assert not ((times + 600.0 >= begin - hour) & (times <= end + hour)).any(), "nothing beside an episode is normal"
    assert len(times) == 10 * 144 - 38
    np.testing.assert_array_equal(given.recent.rows[0, ::2], baseline(0, days=24.0).rows[ROWS])

    (made,) = call(settings, "retrain", "level2_P-101")
    assert (made["result"], made["version"], made["why"]) == ("challenger", 2, "asked for"), made
    assert call(settings, "promote", "level2_P-101")["version"] == 2


@pytest.mark.integration
def test_too_few_normal_windows_are_told(plant: tuple[Settings, psycopg.Connection[Any]]) -> None:
    settings, connection = plant
    call(settings, "fit", "--asset", "P-101", "--window", "600")
    champion = Registry(settings).version("level2_P-101", "champion")
    stored.episode(connection, "P-101", (ACCEPTED[1], NOW - timedelta(days=1)))
    with pytest.raises(FitError, match=rf"137 normal windows since its reference, {ROWS_MIN} are needed"):
        gather(connection, champion, NOW)


@pytest.mark.integration
def test_windows_of_an_episode_that_stands_or_was_replayed_teach_nothing(plant: tuple[Settings, psycopg.Connection[Any]]) -> None:
    settings, connection = plant
    call(settings, "fit", "--asset", "P-101", "--window", "600")
    champion = Registry(settings).version("level2_P-101", "champion")
    replayed, standing = (NOW - timedelta(days=8), NOW - timedelta(days=7)), NOW - timedelta(days=2)
    stored.episode(connection, "P-101", replayed, historical=True)
    stored.episode(connection, "P-101", (standing, standing + timedelta(minutes=20)), stands=True)
    times = gather(connection, champion, NOW).recent.time_s
    assert not ((times >= replayed[0].timestamp()) & (times <= replayed[1].timestamp())).any()
    assert times[-1] < standing.timestamp(), "its evidence came early; it holds since then"
