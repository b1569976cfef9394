"""Patterns: level-2 models judge the windows of an asset; what they find becomes evidence (processors/patterns.py).

It needs no ticks: conditions begin and end by the event time of windows, and an asset that falls silent is told by its sensors.
Without a model of an asset its windows are not even decoded.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from models.choice import Need, served
from models.serving import Answer, Serving, State
from models.version import Version
from processors import patterns
from processors.daily import UNSTEADY
from processors.pattern.row import cells, column, glance
from processors.patterns import Rule, Score
from settings import Settings
from streams import background
from streams.steps import Fields, Rules, StepWork
from streams.topics import EVIDENCE
from streams.work import Place
from telemetry.health import Health
from telemetry.metrics import PATTERN_WINDOWS

TASK: Final = "anomaly"
MODE: Final = "mode"  # last input of a detector of one machine
GOOD_MIN: Final = 0.9  # share of Good readings of each sensor in a window
NAME: Final = "level-2 models"
UNWATCHED: Final = PATTERN_WINDOWS.labels("no_model")  # bound once: most windows end here


@dataclass(frozen=True, slots=True)
class Detector:
    """A version that may judge one asset, with the rule of its card; several versions of a model share what they are asked."""

    version: Version
    rule: Rule

    @property
    def sensors(self) -> list[str]:
        """What it looks at."""
        return sorted({column(name)[0] for name in self.version.inputs if name != MODE})


class Detectors:
    """The detectors at hand by asset and length of windows, renewed when the models are exchanged."""

    def __init__(self, serving: Serving, health: Health | None = None) -> None:
        self._serving, self._health = serving, health or Health()
        self._state: State | None = None
        self._known: dict[tuple[str, int], list[Detector]] = {}

    def of(self, asset: str, window_s: int) -> list[Detector]:
        """Detectors of an asset, the champion first."""
        state = self._serving.state
        if state is not self._state:
            self._state, self._known = state, _detectors(state)
            assets = {asset for asset, _ in self._known}
            told = f"{len(assets)} assets have one" if assets else "no asset has one: level 1 alone judges; see `maint models fit --help`"
            self._health.set(NAME, True, told, critical=False)
        return self._known.get((asset, window_s), [])

    def judge(self, window: Mapping[str, Any]) -> Score | None:
        """Score of a window, or None; what came of it is counted."""
        found, outcome = self._judged(window)
        PATTERN_WINDOWS.labels(outcome).inc()
        return found

    def _judged(self, window: Mapping[str, Any]) -> tuple[Score | None, str]:
        known = self.of(window["asset_id"], window["window_s"])
        if not known:
            return None, "no_model"
        if window["mode"] in UNSTEADY:
            return None, "unsteady"
        outcome = "unfit"
        for detector in _distinct(known):
            row = _row(detector, window)
            if row is None:
                continue
            if _worst(detector, window) < GOOD_MIN:
                outcome = "poor_quality"
                continue
            rows = np.array([row])
            answer = self._serving.predict(_need(detector), rows)
            score = self._score(answer, detector, known, rows)
            if score is not None:
                return score, "scored"
            outcome = "failed" if answer.values is None else "abstained"
        return None, outcome

    def _score(self, answer: Answer, asked: Detector, known: list[Detector], rows: Any) -> Score | None:
        """None: it abstains, or an older version answered that codes modes otherwise."""
        who = next((each for each in known if each.version.digest == answer.digest), None)
        if answer.values is None or who is None or who.rule != asked.rule or not np.isfinite(answer.values[0, 0]):
            return None
        value = float(answer.values[0, 0])
        shares: dict[str, float] = {}
        explained = self._serving.explain(answer, rows) if value >= patterns.THRESHOLD else None
        for name, share in zip(asked.version.inputs, [] if explained is None else explained[0].tolist(), strict=False):
            if name != MODE and np.isfinite(share):
                shares[column(name)[0]] = shares.get(column(name)[0], 0.0) + max(share, 0.0)
        detector = f"level2/{who.version.card.tags.get('detector', 'model')}"
        told = f"{answer.model}:{answer.version}"
        return Score(value, told, detector, who.rule, patterns.contributions(shares, asked.sensors))


def warm() -> None:
    """Nothing to compile."""


def begin(place: Place, settings: Settings, state: bytes | None) -> StepWork:
    """The work of one partition."""
    found = background.current(settings)
    return StepWork(rules(Detectors(found.serving, found.health)), place, state)


def rules(detectors: Detectors) -> Rules:
    """The agent's rules with the models it asks."""
    return Rules(
        name="patterns",
        takes=("Features",),
        empty=patterns.empty,
        step=partial(patterns.step, judge=detectors.judge),
        topic=EVIDENCE,
        schema="Evidence",
        key=lambda evidence: evidence["asset_id"],
        wants=partial(wants, detectors),
    )


def wants(detectors: Detectors, state: Fields, value: bytes) -> bool:
    """False for windows of assets without a model, unless a condition is open there."""
    found = glance(value)
    if found is None or detectors.of(*found) or f"{found[0]}/{found[1]}" in state:
        return True
    UNWATCHED.inc()
    return False


def _detectors(state: State) -> dict[tuple[str, int], list[Detector]]:
    found: dict[tuple[str, int], list[Detector]] = {}
    for known in served(state.versions):
        rule = rule_of(known)
        if known.card.task == TASK and known.card.serves == "asset" and rule is not None:
            found.setdefault((known.card.tags["asset"], rule.window_s), []).append(Detector(known, rule))
    return found


def rule_of(known: Version) -> Rule | None:
    """The rule that a card states; None for models that are no detectors of one machine."""
    told = known.card.tags.get("rule", "")
    if not told or "asset" not in known.card.tags or known.inputs[-1:] != (MODE,):
        return None
    stated = json.loads(told)
    return Rule(**{**stated, "window_s": int(stated["window_s"]), "modes": tuple(stated["modes"])})


def _distinct(known: list[Detector]) -> list[Detector]:
    """One of each signature and rule: serving itself chooses among versions."""
    found = {(each.version.inputs, each.rule): each for each in reversed(known)}
    return list(reversed(found.values()))


def _need(detector: Detector) -> Need:
    card = detector.version.card
    return Need(TASK, detector.version.inputs, frozenset(card.quantities), card.tags["asset"])


def _row(detector: Detector, window: Mapping[str, Any]) -> list[float] | None:
    """The window in the columns of a detector; a mode that it did not learn is -1."""
    found = cells(window, detector.version.inputs[:-1])
    if found is None:
        return None
    modes = detector.rule.modes
    return [*found, float(modes.index(window["mode"])) if window["mode"] in modes else -1.0]


def _worst(detector: Detector, window: Mapping[str, Any]) -> float:
    return min(cells(window, [f"{sensor}.good" for sensor in detector.sensors]) or [0.0])
