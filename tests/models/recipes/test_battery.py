import numpy as np

from models.catalogue import recipe
from models.datasets.battery import CELLS, table
from models.kinds.stack import members
from models.predictor import predictor
from models.recipes.battery import INPUTS, figures, fit, judged
from models.table import Table
from tests.models.recorded import recorded


def cells() -> Table:
    random = np.random.default_rng(5)
    return table({name: 2.0 - np.cumsum(random.gamma(1.0, 0.004 + 0.001 * k, 90)) for k, name in enumerate(CELLS)})


def test_each_cell_is_judged_by_the_member_that_never_saw_it() -> None:
    rows = cells()
    artifact = fit(rows)
    assert artifact.digest() == fit(rows).digest()
    alone = predictor(members(artifact)["B0006"]).predict(rows.of_units([1]).matrix(INPUTS))
    np.testing.assert_array_equal(judged(artifact, rows)[rows.unit == 1], alone)


def test_a_member_does_not_know_its_cell() -> None:
    rows = cells()
    capacity = rows.targets["capacity_in_10_ah"].copy()
    capacity[rows.unit == 2] += 1.0
    other = Table(rows.features, {**rows.targets, "capacity_in_10_ah": capacity}, rows.unit, rows.time, rows.time_unit, rows.units)
    first, second = members(fit(rows))["B0007"], members(fit(other))["B0007"]
    assert first.digest() == second.digest()


def test_figures_name_their_baselines() -> None:
    rows = cells()
    found = figures(rows, judged(fit(rows), rows))
    assert [figure.metric for figure in found] == [f"RMSE {ahead} discharges ahead, Ah" for ahead in (10, 20, 40)]
    assert all(figure.low <= figure.value <= figure.high for figure in found)
    assert all(np.isfinite([figure.trivial, figure.simple]).all() for figure in found)


def test_real_cells_reach_what_was_measured() -> None:
    trained = recipe("battery_capacity_ridge").train(recorded("nasa_battery"))
    values = [figure.value for figure in trained.card.figures]
    np.testing.assert_array_less(values, [0.0372, 0.0495, 0.0665])
    assert trained.card.serves == "none"
