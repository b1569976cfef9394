"""Every way a model can fail, and its recovery; the clock and the registry are made up."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from models import predictor
from models.artifact import Artifact
from models.choice import Need
from models.refresh import REGISTRY, Refresh
from models.serving import Serving
from models.shelf import Shelf
from models.table import FloatArray
from models.tracking import RegistryError
from models.version import Version
from telemetry.health import Health
from tests.models import sample
from tests.models.test_choice import made

NEED = Need("classification", sample.INPUTS, frozenset({"flow"}), "P-101", "pump")
ROWS = np.ones((3, 2))


@dataclass
class Made:
    """What the models of this test do; `does` is replaced to let them fail."""

    does: Callable[[FloatArray], FloatArray] | None = None
    explained: int = 0

    def make(self, artifact: Artifact) -> "Weighted":
        return Weighted(artifact, self)


class Weighted:
    def __init__(self, artifact: Artifact, behaviour: Made) -> None:
        self._weight, self._behaviour = artifact.arrays["weight"], behaviour

    def predict(self, rows: FloatArray) -> FloatArray:
        if self._behaviour.does:
            return self._behaviour.does(rows)
        return (rows @ self._weight)[:, np.newaxis]

    def explain(self, rows: FloatArray) -> FloatArray:
        return rows * self._weight


@dataclass
class Registry:
    """A registry with its files; `away` and `store_away` say why it does not answer."""

    entries: dict[float, Version] = field(default_factory=dict)
    away: str = ""
    store_away: str = ""
    cut: bool = False
    fetched: int = 0

    def add(self, number: int, weight: float, **stated: object) -> Version:
        known = replace(made("wear", number), digest=sample.plain(weight).digest(), **stated)  # type: ignore[arg-type]
        self.entries[weight] = known
        return known

    def versions(self) -> list[Version]:
        if self.away:
            raise RegistryError(self.away)
        return list(self.entries.values())

    def fetch(self, known: Version, folder: Path) -> Path:
        if self.store_away:
            raise RegistryError(self.store_away)
        self.fetched += 1
        weight = next(weight for weight, each in self.entries.items() if each.digest == known.digest)
        sample.plain(weight).write(folder)
        if self.cut:
            content = (folder / "arrays.npz").read_bytes()
            (folder / "arrays.npz").write_bytes(content[:-7])
        return folder


@dataclass
class Rig:
    serving: Serving
    refresh: Refresh
    registry: Registry
    health: Health
    models: Made
    folder: Path
    now: float = 0.0

    def answer(self) -> tuple[float | None, int, str]:
        found = self.serving.predict(NEED, ROWS)
        return (None if found.values is None else float(found.values[0, 0])), found.version, found.reason

    def wrong(self, name: str = "model wear") -> str:
        known = self.health.snapshot().get(name)
        return "" if known is None or known["ok"] else str(known["reason"])

    def again(self) -> Refresh:
        """Another process on the same disk."""
        return Refresh(self.serving, lambda: self.registry, Shelf(self.folder), every_s=60, health=self.health)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    models = Made()
    monkeypatch.setitem(predictor.KINDS, "plain_test", "tests.models.nowhere")
    monkeypatch.setattr(predictor, "import_module", lambda _: models)
    health, registry = Health(), Registry()
    serving = Serving(budget_ms=200, retry_s=60, clock=lambda: made_rig.now, health=health)
    refresh = Refresh(serving, lambda: registry, Shelf(tmp_path), every_s=60, health=health)
    made_rig = Rig(serving, refresh, registry, health, models, tmp_path)
    yield made_rig
    serving.close()


def test_the_champion_answers_and_says_who_it_is(rig: Rig) -> None:
    known = rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    found = rig.serving.predict(NEED, ROWS)
    assert found.values is not None
    np.testing.assert_array_equal(found.values, np.full((3, 1), 4.0))
    assert (found.model, found.version, found.digest, found.reason) == ("wear", 1, known.digest, "")
    np.testing.assert_array_equal(rig.serving.explain(found, ROWS), np.full((3, 2), 2.0))


def test_nobody_fits(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    assert rig.serving.predict(replace(NEED, task="rul"), ROWS).reason == "no registered model fits rul"
    assert "shape (3, 1) for 2 inputs" in rig.serving.predict(NEED, ROWS[:, :1]).reason


def test_a_new_champion_is_exchanged_and_only_it_is_downloaded(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.refresh.refresh()
    assert rig.registry.fetched == 1
    rig.registry.add(1, 2.0, aliases=frozenset({"previous"}))
    rig.registry.add(2, 3.0)
    rig.refresh.refresh()
    assert (rig.answer(), rig.registry.fetched) == ((6.0, 2, ""), 2)
    rig.registry.add(1, 2.0)
    rig.registry.add(2, 3.0, aliases=frozenset({"previous"}), withdrawn="false alarms")
    rig.refresh.refresh()  # a rollback: seen at the next look, without a download
    assert (rig.answer(), rig.registry.fetched) == ((4.0, 1, ""), 2)


def test_the_registry_is_away_at_the_start(rig: Rig) -> None:
    rig.registry.away = "no answer"
    rig.refresh.load(())
    rig.refresh.refresh()
    assert rig.answer() == (None, 0, "no registered model fits classification")
    assert rig.wrong(REGISTRY) == "no answer; the models at hand go on"
    rig.registry.away = ""
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    assert (rig.answer(), rig.wrong(REGISTRY)) == ((4.0, 1, ""), "")


def test_the_registry_is_away_at_a_later_start(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.registry.away = rig.registry.store_away = "no answer"
    second = rig.again()
    rig.serving.exchange(type(rig.serving.state)())
    second.load(Shelf(rig.folder).recall())
    second.refresh()
    assert (rig.answer(), rig.wrong(REGISTRY)) == ((4.0, 1, ""), "no answer; the models at hand go on")


def test_the_store_is_away_when_a_champion_comes(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.registry.add(1, 2.0, aliases=frozenset({"previous"}))
    rig.registry.add(2, 3.0)
    rig.registry.store_away = "connection refused"
    rig.refresh.refresh()
    assert rig.answer() == (4.0, 1, "wear version 2: its files cannot be fetched: connection refused")
    assert "connection refused" in rig.wrong()
    rig.registry.store_away = ""
    rig.refresh.refresh()
    assert (rig.answer(), rig.wrong()) == ((6.0, 2, ""), "")


def test_truncated_files_are_refused_and_not_fetched_at_every_look(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.registry.cut = True
    rig.refresh.refresh()
    rig.refresh.refresh()
    value, _, reason = rig.answer()
    assert (value, rig.registry.fetched) == (None, 1)
    assert "altered or cut short" in reason
    assert "altered or cut short" in rig.wrong()
    rig.registry.cut, rig.now = False, 60
    rig.refresh.refresh()
    assert (rig.answer(), rig.wrong()) == ((4.0, 1, ""), "")


def test_files_with_another_signature_are_refused(rig: Rig) -> None:
    rig.registry.add(1, 2.0, inputs=("flow_l_min", "torque_nm"))
    rig.refresh.refresh()
    found = rig.serving.predict(replace(NEED, inputs=("flow_l_min", "torque_nm")), ROWS)
    assert found.values is None
    assert "signature: the version claims the inputs ['flow_l_min', 'torque_nm']" in found.reason
    rig.registry.add(2, 2.0)
    rig.now = 60
    rig.refresh.refresh()
    assert rig.answer() == (4.0, 2, "")


def raises(_: FloatArray) -> FloatArray:
    raise KeyError("lost")


def answers_nan(rows: FloatArray) -> FloatArray:
    return np.full((len(rows), 1), np.nan)


def answers_infinity(rows: FloatArray) -> FloatArray:
    return np.full((len(rows), 1), np.inf)


def answers_too_much(rows: FloatArray) -> FloatArray:
    return np.ones((len(rows), 2))


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (raises, "raised KeyError: 'lost'"),
        (answers_nan, "answered NaN or infinity to finite rows"),
        (answers_infinity, "answered NaN or infinity to finite rows"),
        (answers_too_much, "answered with shape (3, 2), not (3, 1)"),
    ],
)
def test_a_model_that_fails_is_put_aside_and_tried_again(rig: Rig, does: Callable[[FloatArray], FloatArray], reason: str) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.models.does = does
    assert rig.answer() == (None, 0, f"wear version 1: {reason}")
    assert reason in rig.wrong()
    rig.models.does = None
    assert rig.answer() == (None, 0, f"wear version 1: {reason}")  # not asked before its time
    rig.now = 60
    assert (rig.answer(), rig.wrong()) == ((4.0, 1, ""), "")


def test_a_model_that_serves_nobody_any_more_is_no_trouble(rig: Rig) -> None:
    known = rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.models.does = raises
    rig.answer()
    rig.registry.entries[2.0] = replace(known, aliases=frozenset())
    rig.refresh.refresh()
    assert "model wear" not in rig.health.snapshot()


def test_a_model_that_takes_too_long_holds_nobody(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    hangs = threading.Event()
    rig.models.does = lambda rows: rows * hangs.wait()
    assert rig.answer() == (None, 0, "wear version 1: took longer than 200 ms")
    began = time.monotonic()
    assert rig.answer()[0] is None
    assert time.monotonic() - began < 0.1
    rig.models.does, rig.now = None, 60
    assert (rig.answer(), rig.wrong()) == ((4.0, 1, ""), "")
    hangs.set()


def test_rows_that_are_not_finite_may_be_answered_so(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rows = ROWS.copy()
    rows[1, 0] = np.nan
    found = rig.serving.predict(NEED, rows)
    assert found.values is not None
    assert np.isnan(found.values[:, 0]).tolist() == [False, True, False]


def test_a_model_that_may_abstain(rig: Rig) -> None:
    rig.registry.add(1, 2.0, card=sample.card("wear", tags={"abstains": "modes it never saw"}))
    rig.refresh.refresh()
    rig.models.does = answers_nan
    found = rig.serving.predict(NEED, ROWS)
    assert found.values is not None
    assert np.isnan(found.values).all()
    rig.models.does = answers_infinity
    assert "infinity" in rig.answer()[2]


def test_the_thread_looks_when_it_is_woken_and_ends(rig: Rig) -> None:
    rig.refresh.start()
    until(lambda: rig.health.snapshot().get(REGISTRY, {}).get("ok") is True)
    rig.registry.add(1, 2.0)
    rig.refresh.wake()  # the next look would come in a minute
    until(lambda: rig.answer() == (4.0, 1, ""))
    rig.refresh.stop()
    assert not any(thread.name == "models" for thread in threading.enumerate())


def until(met: Callable[[], bool], *, within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)
