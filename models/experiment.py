"""Trials that are declared: a challenger answers for a share of the assets, and people say afterwards how it went.

Who tries what is the tag `trial` of the registered model (JSON), so that every process deals alike; outcomes are rows of
models/trials.db below the home.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Final

from models import tracking
from models.choice import alike
from models.provenance import now
from models.registry import Registry
from models.tracking import RegistryError, folder
from models.trial import Outcome, Verdict, judge, pairs
from models.version import CHALLENGER, CHAMPION, TRIAL
from settings import Settings

CREATE: Final = """create table if not exists outcome (trial text, asset text, value real, at text, who text, primary key (trial, asset))"""


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial; `until` is "" while it runs, times are ISO 8601."""

    name: str
    champion: int
    challenger: int
    share: float
    since: str
    who: str = ""
    reason: str = ""
    until: str = ""


def start(registry: Registry, name: str, wanted: str | int = CHALLENGER, *, share: float = 0.5, who: str = "", reason: str = "") -> Trial:  # noqa: PLR0913
    """Let a version answer for a share of the assets from now on.

    Raises:
        RegistryError: a trial is running, there is no champion, or the two do not answer the same question for many assets.

    """
    champion, challenger, before = registry.version(name, CHAMPION), registry.version(name, wanted), read(registry, name)
    if before and not before.until:
        raise RegistryError(f"{name}: trial {before.name!r} is running since {before.since}; `maint models trial stop {name}` ends it")
    if champion.card.serves not in {"class", "any"}:
        raise RegistryError(f"{name} serves {champion.card.serves}: a trial deals many assets; see `maint models compare` for one")
    if challenger.withdrawn:
        raise RegistryError(f"{name}: version {challenger.number} was rolled back: {challenger.withdrawn}")
    if not alike(champion, challenger):
        raise RegistryError(f"{name}: versions {champion.number} and {challenger.number} do not differ, or answer other questions")
    made = Trial(f"{name} {champion.number}-{challenger.number} {now()}", champion.number, challenger.number, share, now(), who, reason)
    _write(registry, name, made)
    return made


def stop(registry: Registry, name: str) -> Trial:
    """Give all assets back to the champion.

    Raises:
        RegistryError: no trial is running.

    """
    ended = end(registry, name)
    if ended is None:
        raise RegistryError(f"{name}: no trial is running")
    return ended


def end(registry: Registry, name: str) -> Trial | None:
    """End the running trial of a model, for good: it does not run on when its champion comes back. None: none is running."""
    known = read(registry, name)
    if known is None or known.until:
        return None
    ended = replace(known, until=now())
    _write(registry, name, ended)
    return ended


def read(registry: Registry, name: str) -> Trial | None:
    """The newest trial of a model, running or not; None: there was none."""
    with tracking.asked(registry.address):
        text = registry.client.get_registered_model(registry.registered(name)).tags.get(TRIAL)
    return Trial(**json.loads(text)) if text else None


def note(settings: Settings, trial: Trial, outcome: Outcome, *, who: str = "") -> bool:
    """Keep how it went on an asset; False: there was an outcome of that asset before, and it stands."""
    with _opened(settings) as file:
        row = trial.name, outcome.asset, outcome.value, now(), who
        return file.execute("insert into outcome values (?, ?, ?, ?, ?) on conflict do nothing", row).rowcount > 0


def verdict(settings: Settings, trial: Trial) -> Verdict:
    """What the outcomes so far say."""
    with _opened(settings) as file:
        rows = file.execute("select asset, value from outcome where trial = ? order by rowid", (trial.name,)).fetchall()
    return judge(pairs(trial.name, [Outcome(asset, value) for asset, value in rows], trial.share))


@contextmanager
def _opened(settings: Settings) -> Iterator[sqlite3.Connection]:
    path = folder(settings) / "trials.db"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path, timeout=5)) as file, file:
        file.execute(CREATE)
        yield file


def _write(registry: Registry, name: str, trial: Trial) -> None:
    with tracking.asked(registry.address):
        registry.client.set_registered_model_tag(registry.registered(name), TRIAL, json.dumps(asdict(trial)))
