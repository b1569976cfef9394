import numpy as np
import pytest

from models.datasets.cmapss import SENSORS, SETTINGS, TARGET, ends
from models.table import Table
from models.turbofan import Engine, Scale, beginnings
from tests.models.engines import engines, group


@pytest.fixture(scope="module")
def fleet() -> Table:
    return engines(12, regimes=6)


def test_regimes_are_taken_out_and_still_sensors_left_out(fleet: Table) -> None:
    scale = Scale.fit(fleet)
    assert len(scale.centre) == 6
    assert scale.names == SENSORS[2:5]
    z = scale.z(fleet)
    assert abs(np.corrcoef(z[:, 0], fleet.features[SETTINGS[0]])[0, 1]) < 0.1


def test_one_regime_is_enough_without_settings() -> None:
    assert len(Scale.fit(engines(6, regimes=1)).centre) == 1


def test_faults_that_push_opposite_ways_keep_their_sensor() -> None:
    fleet = engines(12, regimes=1)
    column = fleet.features[SENSORS[2]].copy()
    odd = fleet.unit % 2 == 1
    column[odd] = 2 * column[odd].mean() - column[odd]
    other = Table({**fleet.features, SENSORS[2]: column}, fleet.targets, fleet.unit, fleet.time, "cycle", fleet.units)
    assert SENSORS[2] in Scale.fit(other).names


def test_what_is_written_answers_the_same(fleet: Table) -> None:
    engine = Engine.fit(fleet, group(fleet))
    again = Engine.of(engine.arrays())
    np.testing.assert_array_equal(engine.rows(fleet, ends(fleet)), again.rows(fleet, ends(fleet)))
    assert again.inputs == engine.inputs


def test_rows_only_look_back(fleet: Table) -> None:
    engine = Engine.fit(fleet, group(fleet))
    chosen = beginnings(fleet)[ends(fleet)] + 20
    whole = engine.rows(fleet, chosen)
    short = fleet.rows(fleet.time <= 21)
    np.testing.assert_array_equal(whole, engine.rows(short, ends(short)))


def test_lives_of_the_own_engine_and_of_its_fold_are_not_asked(fleet: Table) -> None:
    engine = Engine.fit(fleet, group(fleet))
    lives = dict(engine.arrays())
    chosen = np.flatnonzero(fleet.unit == 3)[-5:]
    before = engine.rows(fleet, chosen, known=True)
    lives["engine.likeness.life"] = np.where(lives["engine.likeness.machine"] == 3, 1e6, lives["engine.likeness.life"])
    np.testing.assert_array_equal(before, Engine.of(lives).rows(fleet, chosen, known=True))
    fold = int(group(fleet)[3])
    columns = [k for k, name in enumerate(engine.inputs) if name.endswith(f"@{fold}")]
    held_back = Engine.of(lives).rows(fleet, chosen)[:, columns]
    np.testing.assert_array_equal(held_back, engine.rows(fleet, chosen)[:, columns])


def test_the_life_is_no_input(fleet: Table) -> None:
    engine = Engine.fit(fleet, group(fleet))
    other = Table(fleet.features, {TARGET: fleet.targets[TARGET] + 7.0}, fleet.unit, fleet.time, "cycle", fleet.units)
    np.testing.assert_array_equal(engine.rows(fleet, ends(fleet)), engine.rows(other, ends(other)))
