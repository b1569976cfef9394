"""A level-2 detector of one machine and the models at hand, without a registry."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from models.artifact import Artifact
from models.card import Card
from models.fit import Baseline, fit
from models.predictor import predictor
from models.recipe import Trained
from models.serving import Serving, State
from models.version import Version
from telemetry.health import Health
from tests.processors.plant import WINDOWS, window

COLUMNS = ("P1.flow.mean", "P1.flow.std", "P1.temp.mean", "P1.temp.std")


def means(number: int, *, shift: float = 0.0) -> dict[str, float]:
    """Flow and temperature of a healthy pump in a window, which follow the same load; `shift` is what a fault adds to the temperature."""
    dice = np.random.default_rng(number)
    load = dice.normal()
    return {"P1.flow": 100.0 + 5.0 * load + dice.normal(), "P1.temp": 50.0 + 2.0 * load + 0.3 * dice.normal() + shift}


@lru_cache
def trained(asset: str = "P1") -> Trained:
    """Fitted on three days of windows of ten minutes."""
    count = 3 * WINDOWS
    rows = [means(number) for number in range(count)]
    cells = np.array([[row["P1.flow"], 0.0, row["P1.temp"], 0.0] for row in rows])
    cells[:, 1::2] = np.random.default_rng(0).normal(1.0, 0.1, (count, 2))
    reference = Baseline(
        asset,
        COLUMNS,
        cells,
        np.arange(count) * np.float64(600.0),
        600.0,
        np.full(count, "running"),
        (),
        np.empty((count, 0)),
        ("flow", "temperature"),
    )
    return fit(reference)


def record(number: int, *, shift: float = 0.0, **more: Any) -> dict[str, Any]:
    """A window that the detector can judge."""
    made = window(number, means(number, shift=shift), **more)
    return {**made, "std_f8": np.random.default_rng(number).normal(1.0, 0.1, len(made["sensors"])).astype("<f8").tobytes()}


def version(artifact: Artifact, card: Card, number: int = 1, **stated: Any) -> Version:
    """A registered version of it."""
    known = Version(
        card.name, number, artifact.digest(), card, artifact.inputs, artifact.outputs, 0, "", "", "passed", "", "", 0, "2026-11-01"
    )
    return replace(known, **{"aliases": frozenset({"champion"}), **stated})


def serving(*known: Version, models: Any = None, budget_ms: float = 10_000.0, health: Health | None = None) -> Serving:
    """Serving with these versions at hand."""
    made = Serving(budget_ms=budget_ms, retry_s=60.0, health=health)
    at_hand = models if models is not None else {each.digest: predictor(trained().artifact) for each in known}
    made.exchange(State(known, at_hand))
    return made


def own(**stated: Any) -> Version:
    """The version of P1's own detector."""
    return version(trained().artifact, trained().card, **stated)
