"""Serving on a registry that is made up, with models that fail when they are told to."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from models.artifact import Artifact
from models.choice import Need
from models.refresh import Refresh
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
class Behaviour:
    """What the models of this test do; `does` is replaced to let them fail."""

    does: Callable[[FloatArray], FloatArray] | None = None

    def make(self, artifact: Artifact) -> "Weighted":
        return Weighted(artifact, self)


class Weighted:
    def __init__(self, artifact: Artifact, behaviour: Behaviour) -> None:
        self._weight, self._behaviour = artifact.arrays["weight"], behaviour

    def predict(self, rows: FloatArray) -> FloatArray:
        if self._behaviour.does:
            return self._behaviour.does(rows)
        return (rows @ self._weight)[:, np.newaxis]

    def explain(self, rows: FloatArray) -> FloatArray:
        return rows * self._weight


@dataclass
class Made:
    """A registry with its files; `away` and `store_away` say why it does not answer, `slow` holds a download up."""

    entries: dict[float, Version] = field(default_factory=dict)
    away: str = ""
    store_away: str = ""
    cut: bool = False
    slow: threading.Event | None = None
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
        if self.slow:
            self.slow.wait(20)
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
    registry: Made
    health: Health
    models: Behaviour
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


def until(met: Callable[[], bool], *, within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)
