from collections.abc import Iterator

import numpy as np
import pytest

from models.datasets.cmapss import TARGET, ends
from models.judge import served
from models.kinds.stack import members
from models.predictor import predictor
from models.recipe import Trained
from models.recipes import lineup
from models.recipes.lineup import Lineup
from models.recipes.rul import assembled, constant, coverages, errors, rmse, score, survival, thinned, trained
from tests.models.engines import engines

FAST = {"max_iter": 3, "n_iter_no_change": 3}


@pytest.fixture(scope="module")
def taught() -> Iterator[tuple[Lineup, Lineup]]:
    """The same line-up made twice, of few rounds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lineup, "NETWORK", {**lineup.NETWORK, **FAST})
        patch.setattr(lineup, "BOOSTED", {**lineup.BOOSTED, "max_iter": 5})
        patch.setattr(lineup, "NETWORKS", 2)
        patch.setattr(lineup, "FORESTS", 1)
        train, test = engines(10), engines(8, seed=1, cut=40)
        yield lineup.trained(train, test, 0), lineup.trained(train, test, 0)


@pytest.fixture
def line(taught: tuple[Lineup, Lineup]) -> Lineup:
    return taught[0]


def ends_of(made: Trained) -> list[tuple[float, float, float]]:
    return [(figure.value, figure.low, figure.high) for figure in made.card.figures]


def test_the_same_rows_and_seed_give_the_same_figures(taught: tuple[Lineup, Lineup]) -> None:
    first, again = (trained(each, "FD009", "stack", 0) for each in taught)
    assert first.artifact.digest() == again.artifact.digest()
    assert ends_of(first) == ends_of(again)


def test_the_stack_is_the_weighted_mean_of_its_kinds(line: Lineup) -> None:
    rows = line.engine.rows(line.test, ends(line.test))
    kinds = {kind: predictor(served(assembled(line, kind))).predict(rows)[:, 0] for kind in ("mlp", "hgb")}
    whole = predictor(served(assembled(line, "stack"))).predict(rows)[:, 0]
    total = sum(line.weights[kind] * answers for kind, answers in kinds.items())
    np.testing.assert_allclose(whole, np.clip(total, 0.0, 125.0), atol=1e-9)


def test_rows_alone_answer_bit_for_bit_as_together(line: Lineup) -> None:
    rows = line.engine.rows(line.test, ends(line.test))
    model = predictor(served(assembled(line, "stack")))
    together = model.predict(rows)
    assert all((model.predict(rows[k : k + 1])[0] == together[k]).all() for k in range(len(rows)))


def test_unseen_estimates_come_from_members_that_never_saw_the_engine(line: Lineup) -> None:
    fold = int(line.engine.likeness.group[0])
    own = np.flatnonzero(line.train.unit == 0)
    rows = line.engine.rows(line.train, own, known=True)
    part = members(assembled(line, "mlp"))[f"mlp_{fold}"]
    places = [line.engine.inputs.index(name) for name in part.inputs]
    answers = np.clip(predictor(part).predict(rows[:, places])[:, 0], 0.0, 125.0)
    np.testing.assert_allclose(line.unseen["mlp"][own], answers)


def test_each_figure_stands_beside_its_baselines(line: Lineup) -> None:
    answers = predictor(assembled(line, "stack")).predict(line.engine.rows(line.test, ends(line.test)))
    found = errors(line, "FD001", answers[:, 0]) + coverages(line, "FD001", answers)
    assert len({figure.metric for figure in found}) == len(found) == 5 + 12
    assert all(np.isfinite([figure.value, figure.trivial, figure.simple]).all() for figure in found)
    assert found[0].published == 10.97
    capped = np.minimum(line.test.targets[TARGET][ends(line.test)], 125.0)
    assert len(line.simple) == 3
    assert found[0].simple == min(rmse(guess - capped) for guess in line.simple.values())


def test_simpler_intervals_stay_in_range(line: Lineup) -> None:
    for low, high in (constant(line, np.linspace(0, 125, 8), 0.8), survival(line, 0.8)):
        assert (low <= high).all()
        assert (low >= 0).all()
        assert (high <= 125).all()


def test_engines_calibrate_alike(line: Lineup) -> None:
    assert set(np.bincount(line.train.unit[thinned(line.train)])) == {25}


def test_late_estimates_cost_more() -> None:
    assert score(np.array([10.0])) == pytest.approx(np.e - 1)
    assert score(np.array([-13.0])) == pytest.approx(np.e - 1)
    assert rmse(np.array([3.0, -4.0])) == pytest.approx(np.sqrt(12.5))
