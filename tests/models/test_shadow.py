"""Champion and challenger on the same live rows: what is counted, that nobody waits, and what the gate makes of it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.promotion import GateError, promote
from models.registry import Registry
from models.runs import register
from models.shadow import QUEUE, Figures, Shadow, figures, place
from models.table import FloatArray
from settings import Settings, load
from tests.models import sample
from tests.models.rig import NEED, ROWS, Rig


def home(rig: Rig) -> Settings:
    """Beside the shelf of the rig, which keeps nothing but models."""
    return load(home=rig.folder.with_name(f"{rig.folder.name}-home"))


@pytest.fixture
def shaded(rig: Rig) -> Iterator[Rig]:
    """Champion of weight 2, challenger of weight 0.1: 4.0 and 0.2 on rows of ones; the bar of the task is 0.5."""
    rig.registry.add(1, 2.0)
    rig.registry.add(2, 0.1, aliases=frozenset({"challenger"}), promoted="")
    rig.serving.shadow = Shadow(place(home(rig)))
    rig.serving.shadow.start()
    rig.refresh.refresh()
    yield rig
    rig.serving.shadow.close()


def found(rig: Rig) -> Figures:
    assert rig.serving.shadow
    rig.serving.shadow.close()
    known = figures(home(rig), "wear", 1, 2)
    assert known
    return known


def test_the_same_rows_are_compared_and_the_champion_answers(shaded: Rig) -> None:
    assert [shaded.answer()[:2] for _ in range(5)] == [(4.0, 1)] * 5
    known = found(shaded)
    assert (known.rows, known.compared, known.failed, known.dropped) == (15, 15, 0, 0)
    assert (known.over_champion, known.over_challenger, known.disagree) == (15, 0, 15)
    assert known.told()["difference"] == pytest.approx(-3.8)
    assert known.largest == pytest.approx(3.8)


def test_figures_survive_a_restart_and_add_up(shaded: Rig) -> None:
    shaded.answer()
    first = found(shaded)
    second = Shadow(place(home(shaded)))
    second.start()
    shaded.serving.shadow = second
    shaded.refresh.refresh()
    shaded.answer()
    assert (first.rows, found(shaded).rows) == (3, 6)


def test_a_challenger_that_raises_is_counted_and_harms_nobody(shaded: Rig) -> None:
    assert shaded.serving.shadow
    pair = shaded.serving.shadow.pair(next(iter(shaded.registry.entries.values())).digest)
    assert pair
    shaded.serving.shadow.exchange({pair.champion.digest: replace(pair, model=Failing())})
    assert shaded.answer()[0] == 4.0
    known = found(shaded)
    assert (known.rows, known.failed, known.compared) == (3, 3, 0)
    assert shaded.wrong() == ""


class Failing:
    def predict(self, rows: FloatArray) -> FloatArray:
        raise ValueError(f"lost {len(rows)} rows")

    def explain(self, _: FloatArray) -> None:
        return None


class Hanging(Failing):
    def __init__(self) -> None:
        self.end = threading.Event()

    def predict(self, rows: FloatArray) -> FloatArray:
        self.end.wait(20)
        return rows[:, :1]


def test_a_challenger_that_hangs_delays_no_record_and_what_is_dropped_is_counted(shaded: Rig) -> None:
    assert shaded.serving.shadow
    champion = shaded.registry.entries[2.0].digest
    pair = shaded.serving.shadow.pair(champion)
    assert pair
    hanging = Hanging()
    shaded.serving.shadow.exchange({champion: replace(pair, model=hanging)})
    values = np.ones((3, 1))
    began = time.perf_counter()
    for _ in range(QUEUE + 100):
        shaded.serving.shadow.offer(champion, ROWS, values)
    assert time.perf_counter() - began < 0.5
    hanging.end.set()
    known = found(shaded)
    assert known.rows == 3 * (QUEUE + 100)
    assert known.dropped >= 3 * 98


def test_a_challenger_whose_files_are_wrong_leaves_the_champion_alone(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.serving.shadow = Shadow(place(home(rig)))
    rig.refresh.refresh()
    rig.registry.add(2, 0.1, aliases=frozenset({"challenger"}), promoted="")
    rig.registry.cut = True
    rig.refresh.refresh()
    assert rig.serving.shadow.pair(rig.registry.entries[2.0].digest) is None
    assert rig.serving.predict(NEED, ROWS).version == 1
    assert rig.wrong() == ""


def test_a_file_that_cannot_be_written_keeps_the_sums(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    shadow = Shadow(place(load(home=tmp_path)))
    shadow._sum(("wear", 1, 2), Figures(rows=3))
    shadow.flush()
    (tmp_path / "models").unlink()
    shadow.flush()
    assert figures(load(home=tmp_path), "wear", 1, 2) == Figures(rows=3)


def test_the_gate_asks_the_shadow(registry: Registry) -> None:
    for seed, value in enumerate((0.8, 0.9)):
        register(registry, sample.trained(value=value, seed=seed), seed=seed)
    shadow = Shadow(place(registry.settings))
    shadow._sum(("pump_wear", 1, 2), Figures(rows=1000, compared=1000, over_champion=10, over_challenger=100))
    shadow.flush()
    with pytest.raises(GateError, match=r"over its threshold on 10 % of the live rows, the champion on 1 %.*--force"):
        promote(registry, "pump_wear")
    assert promote(registry, "pump_wear", force="a fault is under way").number == 2
