"""A trial on a real registry: who answers for which asset, what ends it, and what its outcomes say."""

from collections.abc import Iterator

import numpy as np
import pytest

from models import experiment
from models.choice import Need, order
from models.promotion import promote, rollback
from models.refresh import Refresh
from models.registry import Registry
from models.runs import register
from models.serving import Serving
from models.shelf import Shelf
from models.tracking import RegistryError
from models.trial import Outcome, arm
from tests.models import sample

ASSETS = [f"P-{number}" for number in range(40)]
ROWS = np.ones((1, 2))


def need(asset: str) -> Need:
    return Need("classification", sample.INPUTS, frozenset({"flow"}), asset, "pump")


@pytest.fixture
def wear(registry: Registry) -> Registry:
    """Version 1 is champion, 2 challenges it."""
    for seed in range(2):
        register(registry, sample.trained("wear", value=0.8 + seed / 10, seed=seed), seed=seed)
    return registry


@pytest.fixture
def live(wear: Registry) -> Iterator[tuple[Serving, experiment.Trial]]:
    trial = experiment.start(wear, "wear", share=0.3, who="R. Ortiz", reason="fewer false alarms?")
    serving = Serving(budget_ms=10_000.0, retry_s=60.0)
    Refresh(serving, lambda: wear, Shelf(wear.settings.home / "models/served"), every_s=60.0).refresh()
    yield serving, trial
    serving.close()


def test_assets_are_dealt_by_their_hash_and_records_say_who_answered(live: tuple[Serving, experiment.Trial]) -> None:
    serving, trial = live
    dealt = {asset: arm(trial.name, asset, 0.3) for asset in ASSETS}
    assert set(dealt.values()) == {"champion", "challenger"}
    for asset, side in dealt.items():
        found = serving.predict(need(asset), ROWS)
        assert (found.version, found.reason) == ((2, f"trial {trial.name}") if side == "challenger" else (1, ""))
    assert serving.predict(need(""), ROWS).version == 1, "a question about no asset is nobody's trial"


def test_a_challenger_that_fails_leaves_its_assets_to_the_champion(live: tuple[Serving, experiment.Trial]) -> None:
    serving, trial = live
    asset = next(asset for asset in ASSETS if arm(trial.name, asset, 0.3) == "challenger")
    digest = serving.predict(need(asset), ROWS).digest
    serving.aside.put(digest, "raised ValueError")
    found = serving.predict(need(asset), ROWS)
    assert (found.version, found.reason) == (1, "wear version 2: raised ValueError")


def test_the_disk_remembers_a_trial(live: tuple[Serving, experiment.Trial], wear: Registry) -> None:
    serving, trial = live
    known = Shelf(wear.settings.home / "models/served").recall()
    assert {each.number: (each.trial, each.share) for each in known} == {1: ("", 0.0), 2: (trial.name, 0.3)}
    assert set(serving.state.models) == {each.digest for each in known}


def test_a_stop_or_another_champion_ends_it(wear: Registry) -> None:
    experiment.start(wear, "wear", share=0.99)
    asset = ASSETS[0]
    assert order(wear.versions(), need(asset))[0].number == 2
    with pytest.raises(RegistryError, match="is running since"):
        experiment.start(wear, "wear")
    ended = experiment.stop(wear, "wear")
    assert (ended.until != "", experiment.read(wear, "wear")) == (True, ended)
    assert [each.number for each in order(wear.versions(), need(asset))] == [1]
    with pytest.raises(RegistryError, match="no trial is running"):
        experiment.stop(wear, "wear")
    experiment.start(wear, "wear", share=0.99)
    promote(wear, "wear")
    assert [each.trial for each in wear.versions()] == ["", ""]
    assert order(wear.versions(), need(asset))[0].number == 2


def test_a_trial_does_not_come_back_with_its_champion(wear: Registry) -> None:
    experiment.start(wear, "wear", share=0.5)
    promote(wear, "wear")
    ended = experiment.read(wear, "wear")
    assert ended is not None
    assert ended.until != ""
    rollback(wear, "wear", reason="false alarms")
    assert {order(wear.versions(), need(asset))[0].number for asset in ASSETS} == {1}


def test_a_rollback_ends_a_trial(wear: Registry) -> None:
    promote(wear, "wear")
    register(wear, sample.trained("wear", value=0.95, seed=2), seed=2)
    experiment.start(wear, "wear", share=0.99)
    rollback(wear, "wear", reason="false alarms")
    assert [each.number for each in order(wear.versions(), need(ASSETS[0]))] == [1]


def test_outcomes_decide_when_there_are_enough_of_them(wear: Registry) -> None:
    trial = experiment.start(wear, "wear")
    assert experiment.verdict(wear.settings, trial).better == ""
    for asset in (f"Q-{number}" for number in range(80)):
        better = arm(trial.name, asset) == "challenger"
        assert experiment.note(wear.settings, trial, Outcome(asset, 1.0 if better else 0.2))
    assert not experiment.note(wear.settings, trial, Outcome("Q-0", 0.0)), "the first of each asset stands"
    found = experiment.verdict(wear.settings, trial)
    assert found.better == "challenger"
    assert found.difference == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"serves": "asset", "tags": {"asset": "P-1"}}, "serves asset: a trial deals many"), ({"serves": "none"}, "serves none")],
)
def test_who_cannot_be_tried(registry: Registry, changes: dict[str, object], reason: str) -> None:
    for seed in range(2):
        register(registry, sample.trained("wear", value=0.8 + seed / 10, seed=seed, **changes), seed=seed)
    with pytest.raises(RegistryError, match=reason):
        experiment.start(registry, "wear")


def test_the_same_files_are_no_challenger(wear: Registry) -> None:
    with pytest.raises(RegistryError, match="do not differ"):
        experiment.start(wear, "wear", 1)
