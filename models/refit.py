"""A detector of one machine, fitted again: on the accepted reference and on normal windows since then.

The first 70 % of both teach. The last 30 % of the reference are the frozen rows, the last 30 % of the recent windows the recent
rows: neither teaches, and champion and challenger are judged on the same of both.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg

from models.artifact import Artifact
from models.fit import TEACHES, Baseline, FitError, examine, fit
from models.kinds.machine import MODE
from models.recipe import Trained
from models.reference import accepted, baseline
from models.retrain import Marks, compare
from models.table import BoolArray
from models.version import PASSED, Version
from store.look import rows

DAYS: Final = 14  # of recent windows
ROWS_MIN: Final = 300  # recent windows
AROUND_S: Final = 3600.0  # before and after an episode nothing counts as normal
# An episode that stands holds on, whenever its last evidence came; a replayed one is as abnormal as a live one.
ABNORMAL: Final = """select extract(epoch from start)::float8 as begin, extract(epoch from coalesce("end", 'infinity'))::float8 as until
    from plant.episode where asset = %s and coalesce("end", 'infinity') >= %s"""


@dataclass(frozen=True, slots=True)
class Material:
    """What a detector is fitted again on: two stretches with the same columns and drivers."""

    reference: Baseline
    recent: Baseline
    detector: str

    def save(self, folder: Path) -> None:
        """As arrays and JSON, for the process that trains."""
        for name in ("reference", "recent"):
            part: Baseline = getattr(self, name)
            np.savez(folder / f"{name}.npz", rows=part.rows, time_s=part.time_s, mode=part.mode, driver_rows=part.driver_rows)
        part = self.reference
        told = {
            "asset": part.asset,
            "columns": part.columns,
            "drivers": part.drivers,
            "window_s": part.window_s,
            "quantities": part.quantities,
            "asset_class": part.asset_class,
        }
        (folder / "about.json").write_text(json.dumps({"about": told, "detector": self.detector}), encoding="utf-8")


def load(folder: Path) -> Material:
    """What `Material.save` wrote."""
    told = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    about: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told["about"].items()}
    parts = {}
    for name in ("reference", "recent"):
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            parts[name] = Baseline(**{**about, **{key: arrays[key] for key in arrays.files}})
    return Material(parts["reference"], parts["recent"], told["detector"])


def train(folder: Path, seed: int) -> Trained:
    """A recipe (models/recipe.py): the challenger."""
    given = load(folder)
    old, new = _cut(given.reference), _cut(given.recent)
    joined = join(given.reference.part(slice(None, old), _all(given.reference)), given.recent)
    trained = fit(joined, given.detector, seed, cut=old + new)
    return replace(trained, parameters={**trained.parameters, "reference rows": old, "recent rows": new})


def verdict(given: Material, champion: Artifact, challenger: Artifact, seed: int) -> str:
    """Of the challenger: "passed" when it beats the champion on the recent rows and is not worse on the frozen ones, else why not."""
    lost = set(champion.inputs) - {MODE, *given.recent.columns, *given.recent.drivers}
    if lost:
        return f"recent rows: without {', '.join(sorted(lost))}, which the champion needs"
    for frozen, part in ((False, given.recent), (True, given.reference)):
        cut = _cut(part)
        new, old = (_marks(each, given, part.part(slice(cut, None), _all(part)), seed) for each in (challenger, champion))
        found = compare(new, old, frozen=frozen)
        if found != PASSED:
            return found
    return PASSED


def gather(connection: psycopg.Connection, known: Version, now: datetime) -> Material:
    """The stretches of a model's asset, from the windows that the pipeline stored.

    Raises:
        FitError: no accepted reference, or too few normal windows since then.

    """
    asset, window_s = known.card.tags["asset"], int(json.loads(known.card.tags["rule"])["window_s"])
    period = accepted(connection, asset)
    since = max(period[1], now - timedelta(days=DAYS))
    reference = baseline(connection, asset, period, window_s)
    recent = baseline(connection, asset, (since, now), window_s)
    normal = _normal(recent, [(row["begin"], row["until"]) for row in rows(connection, ABNORMAL, (asset, since))])
    return alike(reference, recent.part(normal, _all(recent)), known.card.tags.get("detector", "t2spe"))


def alike(reference: Baseline, recent: Baseline, detector: str) -> Material:
    """Both stretches with the columns they share.

    Raises:
        FitError: other drivers, or too few recent windows.

    """
    if reference.drivers != recent.drivers:
        raise FitError(f"{reference.asset}: other drivers than in its reference; accept a new one")
    if len(recent.rows) < ROWS_MIN:
        raise FitError(f"{reference.asset}: {len(recent.rows)} normal windows since its reference, {ROWS_MIN} are needed")
    shared = set(reference.columns) & set(recent.columns)
    old, new = (each.part(slice(None), np.array([name in shared for name in each.columns])) for each in (reference, recent))
    return Material(old, new, detector)


def join(first: Baseline, then: Baseline) -> Baseline:
    """Two stretches of the same columns, one after the other."""
    return replace(
        first,
        rows=np.concatenate([first.rows, then.rows]),
        time_s=np.concatenate([first.time_s, then.time_s]),
        mode=np.concatenate([first.mode, then.mode]),
        driver_rows=np.concatenate([first.driver_rows, then.driver_rows]),
    )


def _normal(recent: Baseline, episodes: list[tuple[float, float]]) -> BoolArray:
    """(n,) windows well away from every episode of the asset."""
    found = np.ones(len(recent.rows), np.bool_)
    for begin, until in episodes:
        found &= (recent.time_s + recent.window_s < begin - AROUND_S) | (recent.time_s > until + AROUND_S)
    return found


def _marks(artifact: Artifact, given: Material, judging: Baseline, seed: int) -> Marks:
    wanted = set(artifact.inputs)
    chosen = np.array([name in wanted for name in judging.columns])
    usual = given.reference.part(slice(None, _cut(given.reference)), chosen)
    return Marks(*examine(artifact, usual, judging.part(slice(None), chosen), seed))


def _cut(part: Baseline) -> int:
    return int(TEACHES * len(part.rows))


def _all(part: Baseline) -> BoolArray:
    found: BoolArray = np.ones(len(part.columns), np.bool_)
    return found
