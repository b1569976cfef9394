"""Retraining against a registry: what is due, what came of it, and that nothing is called a success that was none."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from models import refit, relearn
from models.fit import fit
from models.latch import BusyError, alone
from models.promotion import promote
from models.recipe import Recipe
from models.registry import Registry
from models.relearn import Attempt, Means, flag, noted
from models.runs import register
from tests.models import sample
from tests.models.test_refit import later, reference

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=2)


@contextmanager
def no_database() -> Iterator[Any]:
    raise psycopg.OperationalError("connection refused")
    yield


@contextmanager
def unused() -> Iterator[Any]:
    yield None


@pytest.fixture
def wear(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Registry:
    register(registry, sample.light("wear"), seed=0)
    teach(monkeypatch, "better")
    return registry


def teach(monkeypatch: pytest.MonkeyPatch, lesson: str) -> None:
    monkeypatch.setattr(relearn, "RECIPES", (Recipe("wear", "generated", f"tests.models.lessons:{lesson}", simulated=True),))


def tried(registry: Registry, folder: Path, *, asked: bool = True, now: datetime = NOW, limit_s: float = 120.0) -> Attempt:
    (folder / "generated").mkdir(exist_ok=True)
    (champion,) = relearn.champions(registry)
    return relearn.relearn(registry, champion, Means(folder, no_database, limit_s), now=now, asked=asked)


def test_a_better_model_challenges_and_is_promoted_by_a_person(wear: Registry, tmp_path: Path) -> None:
    assert tried(wear, tmp_path, asked=False).result == "not due"
    made = tried(wear, tmp_path)
    assert (made.result, made.why, made.version) == ("challenger", "asked for", 2)
    assert wear.version("wear", "champion").number == 1
    assert noted(wear, "wear")["result"] == "challenger"
    assert tried(wear, tmp_path, now=NOW + timedelta(hours=23)).result == "cooldown"
    assert promote(wear, "wear").number == 2


def test_drift_is_a_cause_once(wear: Registry, tmp_path: Path) -> None:
    flag(wear, "wear", NOW + timedelta(hours=1))
    made = tried(wear, tmp_path, asked=False, now=LATER)
    assert (made.result, made.why[:11]) == ("challenger", "drift since")
    assert noted(wear, "wear")["drift"]


@pytest.mark.parametrize(
    "case",
    [
        ("worse", "refused", "does not beat the champion's 0.8"),
        ("same", "unchanged", "the champion's files again"),
        ("raises", "failed", "seed 0 does not converge"),
        ("ends", "failed", "ended with code 0"),
    ],
    ids=lambda case: case[0],
)
def test_what_is_no_success_is_not_called_one(
    wear: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: tuple[str, str, str]
) -> None:
    teach(monkeypatch, case[0])
    made = tried(wear, tmp_path)
    assert (made.result, made.version) == (case[1], 0)
    assert case[2] in made.text
    assert len(wear.versions("wear")) == 1
    assert noted(wear, "wear")["result"] == case[1]


def test_a_training_that_takes_too_long_is_ended_with_all_that_it_started(
    wear: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(monkeypatch, "slow")
    made = tried(wear, tmp_path, limit_s=15.0)
    assert (made.result, made.text) == ("overtime", "took longer than 15 s and was ended")
    child = int((tmp_path / "generated/child").read_text())
    deadline = time.monotonic() + 10
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether it runs: one that has ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_one_at_a_time(wear: Registry, tmp_path: Path) -> None:
    with alone(wear.settings.home / "models/retrain.lock", "it"), pytest.raises(BusyError, match="a retraining is running already"):
        tried(wear, tmp_path)


def test_a_run_that_was_killed_counts_as_failed(wear: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(relearn, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        tried(wear, tmp_path)
    assert (noted(wear, "wear")["result"], noted(wear, "wear")["text"]) == ("failed", "was cut off")


def test_a_detector_of_ones_own_machine(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = np.arange(8) < 4  # of the columns: quicker, and the moved one is among them
    known = reference().part(slice(None), half)
    register(registry, fit(known), seed=0)
    assert "connection refused" in tried(registry, tmp_path).text
    given = refit.alike(known, later(0.7).part(slice(None), half), "t2spe")
    monkeypatch.setattr(refit, "gather", lambda *_: given)
    (champion,) = relearn.champions(registry)
    made = relearn.relearn(registry, champion, Means(tmp_path, unused), now=LATER, asked=True)
    assert (made.result, made.version) == ("challenger", 2)
    assert registry.version("level2_P-101", "challenger").against == 1
    assert promote(registry, "level2_P-101").number == 2
