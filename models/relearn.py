"""Trains models again: asks the policy, trains in another process, judges, registers a challenger, and notes what came of it.

Notes of a model are tags of the registered model: `retrain` (JSON: at, why, result, text) and `drift` (since when, ISO 8601).
"""

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import psycopg

from models import gate, refit, tracking
from models.apprentice import OvertimeError, Task, TrainingError, train
from models.catalogue import RECIPES
from models.fit import FitError
from models.latch import alone
from models.recipe import Trained
from models.registry import Registry
from models.retrain import Past, decide, regressed
from models.runs import register
from models.tracking import RegistryError, first_line, folder
from models.training import plan
from models.version import CHAMPION, PASSED, Version

LIMIT_S: Final = 1200.0
NOTE, DRIFT = "retrain", "drift"
Result = Literal["not due", "cooldown", "no data", "challenger", "refused", "unchanged", "overtime", "failed"]
WRONG: Final = frozenset({"overtime", "failed"})  # these end a command with code 1
Connect = Callable[[], AbstractContextManager[psycopg.Connection]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one model; `version` is the challenger's, 0 where there is none."""

    name: str
    result: Result
    why: str = ""
    text: str = ""
    version: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Means:
    """What a training may use: folder with data sets, a database session, seconds, seed of the run."""

    data: Path
    connect: Connect
    limit_s: float = LIMIT_S
    seed: int = 0


def champions(registry: Registry) -> list[Version]:
    """Models that can be trained again: detectors of one asset, and those of the catalogue."""
    named = {recipe.name for recipe in RECIPES}
    return [known for known in registry.versions() if CHAMPION in known.aliases and (own(known) or known.name in named)]


def relearn(registry: Registry, champion: Version, means: Means, *, now: datetime, asked: bool = False) -> Attempt:
    """One model, if it is due. One at a time on this instance.

    Raises:
        BusyError: another training is running.
        RegistryError: the registry is away; nothing was registered then.

    """
    with alone(folder(registry.settings) / "retrain.lock", "a retraining"):
        decision = decide(past(registry, champion.name), now, asked=asked)
        if not decision.now:
            text = f"until {decision.until:%Y-%m-%d %H:%M} UTC" if decision.until else ""
            return Attempt(champion.name, "cooldown" if decision.until else "not due", decision.why, text)
        note(registry, champion.name, Attempt(champion.name, "failed", decision.why, "was cut off"), now)  # holds if we are killed
        began = time.monotonic()
        result, text, version = _attempt(registry, champion, means, now)
        made = Attempt(champion.name, result, decision.why, text, version, round(time.monotonic() - began, 1))
        note(registry, champion.name, made, now)
        return made


def past(registry: Registry, name: str) -> Past:
    """What the policy asks of a model."""
    told = _tags(registry, name)
    tried = json.loads(told[NOTE])["at"] if NOTE in told else ""
    newest = max(known.created for known in registry.versions(name))
    return Past(datetime.fromtimestamp(newest / 1000.0, UTC), _moment(tried), _moment(told.get(DRIFT, "")))


def note(registry: Registry, name: str, made: Attempt, now: datetime) -> None:
    """Keep what came of an attempt with the model."""
    told = {
        "at": now.isoformat(timespec="seconds"),
        "why": made.why,
        "result": made.result,
        "text": made.text[:300],
        "version": made.version,
    }
    _set(registry, name, NOTE, json.dumps(told))


def flag(registry: Registry, name: str, since: datetime) -> None:
    """Note that the inputs or errors of a model have moved; the policy looks for it."""
    _set(registry, name, DRIFT, since.isoformat(timespec="seconds"))


def noted(registry: Registry, name: str) -> dict[str, Any]:
    """The last attempt and the drift of a model, as they were noted; empty where nothing was."""
    told = _tags(registry, name)
    return {**(json.loads(told[NOTE]) if NOTE in told else {}), **({DRIFT: told[DRIFT]} if DRIFT in told else {})}


def _attempt(registry: Registry, champion: Version, means: Means, now: datetime) -> tuple[Result, str, int]:
    """Result, its text, number of the challenger. Whatever a training raises ends here, and is told."""
    try:
        trained, verdict = _challenger(registry, champion, means, now)
    except RegistryError:
        raise
    except FitError as error:
        return "no data", str(error), 0
    except OvertimeError as error:
        return "overtime", str(error), 0
    except Exception as error:  # noqa: BLE001  the database is away, a model raises while it is judged
        return "failed", str(error) if isinstance(error, TrainingError) else first_line(error), 0
    if trained.artifact.digest() == champion.digest:
        return "unchanged", "the training gave the champion's files again", 0
    if verdict != PASSED:
        return "refused", verdict, 0  # not registered: it would take the place of a challenger that passed
    judged = {"gate": verdict, "against": str(champion.number)}
    return "challenger", verdict, register(registry, trained, seed=means.seed, judged=judged).number


def _challenger(registry: Registry, champion: Version, means: Means, now: datetime) -> tuple[Trained, str]:
    """What was trained, and what the gate says of it."""
    with tempfile.TemporaryDirectory(prefix="training-") as place:
        room = Path(place) / "room"
        room.mkdir()
        given, task = _task(champion, means, Path(place), now)
        trained = train(task, room, means.limit_s)
    if given is not None:
        return trained, refit.verdict(given, registry.load(champion), trained.artifact, means.seed)
    verdict = gate.against(trained.card.figures[0] if trained.card.figures else None, champion)
    return trained, verdict if verdict != PASSED else regressed(trained.card.figures, champion.card.figures)


def _task(champion: Version, means: Means, place: Path, now: datetime) -> tuple[refit.Material | None, Task]:
    """Material and task of a detector of one asset; the task alone of a model of the catalogue.

    Raises:
        FitError: its data is not there.

    """
    if own(champion):
        with means.connect() as connection:
            given = refit.gather(connection, champion, now)
        given.save(place)
        return given, Task(champion.name, "models.refit:train", place, means.seed)
    ready, missing = plan([recipe for recipe in RECIPES if recipe.name == champion.name], means.data)
    if missing:
        raise FitError(f"{champion.name} needs {missing[0].folder}: {missing[0].get}")
    return None, Task(champion.name, ready[0].recipe.module, ready[0].folder, means.seed)


def own(known: Version) -> bool:
    """Whether it is a detector of one machine, fitted on its reference."""
    return known.card.serves == "asset" and "rule" in known.card.tags


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _tags(registry: Registry, name: str) -> Mapping[str, str]:
    with tracking.asked(registry.address):
        found: Mapping[str, str] = registry.client.get_registered_model(registry.registered(name)).tags
        return found


def _set(registry: Registry, name: str, tag: str, value: str) -> None:
    with tracking.asked(registry.address):
        registry.client.set_registered_model_tag(registry.registered(name), tag, value)
