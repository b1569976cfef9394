"""Keeps the models at hand up to date: asks the registry, downloads what is new, checks it, and hands it over in one step."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Final, Protocol

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.choice import challengers, served
from models.predictor import Predictor, predictor
from models.registry import existing
from models.serving import Serving, State
from models.shadow import Pair, Shadow, place
from models.shelf import Shelf
from models.tracking import AbsentError, RegistryError, first_line, folder
from models.version import Version
from settings import Settings
from telemetry.health import Health

REGISTRY: Final = "models registry"
SWITCH_S: Final = 0.001  # Python's 5 ms between threads would add up to more than a record may wait


class Source(Protocol):
    """What is asked of a registry (models/registry.py). Both raise RegistryError when it or its store is away."""

    def versions(self) -> list[Version]:
        """All versions."""

    def fetch(self, known: Version, folder: Path, /) -> Path:
        """The files of one."""


class Refresh:
    """A thread that looks for other champions every some seconds, and at once when it is woken.

    Args:
        connect: makes the client of the registry; called again until it succeeds.
        shelf: where the last good files are kept.
        every_s: time between two looks.
        health: told whether the registry answers and which models cannot be loaded.

    """

    def __init__(
        self, serving: Serving, connect: Callable[[], Source], shelf: Shelf, *, every_s: float, health: Health | None = None
    ) -> None:
        self._serving, self._connect, self._shelf = serving, connect, shelf
        self._every_s, self._health = every_s, health or Health()
        self._source: Source | None = None
        self._wake, self._end = Event(), Event()
        self._thread = Thread(target=self._run, name="models", daemon=True)

    def start(self) -> None:
        """Take what the disk has, so that the first record finds a model, then keep it up to date in the background."""
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        self.load(self._shelf.recall())
        self._thread.start()

    def wake(self) -> None:
        """A model event came in: look now."""
        self._wake.set()

    def stop(self, timeout_s: float = 30) -> None:
        """End the thread."""
        self._end.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def refresh(self) -> None:
        """One look. A registry that is away changes nothing but the health."""
        try:
            self._source = self._source or self._connect()
            versions = self._source.versions()
        except AbsentError as error:
            self._health.set(REGISTRY, True, f"{error}; the statistical fallback answers", critical=False)
            return
        except RegistryError as error:
            self._health.set(REGISTRY, False, f"{error}; the models at hand go on", critical=False)
            return
        self._health.set(REGISTRY, True, critical=False)
        self.load(versions)
        self._shelf.remember(served(versions))
        self._shadow(versions)
        self._shelf.prune({known.digest for known in served(versions)} | {known.digest for _, known in challengers(versions)})

    def load(self, versions: Sequence[Version]) -> None:
        """Make these versions the ones at hand; what is loaded stays, what cannot be loaded is named with its reason."""
        before = self._serving.state
        models: dict[str, Predictor] = {}
        absent: dict[str, str] = {}
        for known in served(versions):
            ready = before.models.get(known.digest)
            if ready is None:
                ready, absent[known.digest] = self._ready(known)
            if ready is not None:
                models[known.digest] = ready
        self._forget({f"model {known.name}" for known in served(versions)})
        self._serving.exchange(State(tuple(versions), models, {digest: reason for digest, reason in absent.items() if reason}))

    def _shadow(self, versions: Sequence[Version]) -> None:
        """Make challengers ready to be compared. One that cannot be loaded is nobody's trouble but its own: the gate sees no figures."""
        shadow = self._serving.shadow
        if shadow is None:
            return
        pairs: dict[str, Pair] = {}
        for champion, known in challengers(versions):
            before = shadow.pair(champion.digest)
            if before and before.challenger.digest == known.digest:
                pairs[champion.digest] = Pair(champion, known, before.model)
            elif not self._serving.aside.reason(known.digest):
                try:
                    pairs[champion.digest] = Pair(champion, known, _made(known, self._shelf.take(known, self._fetch)))
                    self._serving.aside.release(known.digest)
                except Exception as error:  # noqa: BLE001  the store is away, wrong files, whatever a damaged model raises
                    self._serving.aside.put(known.digest, first_line(error))
        shadow.exchange(pairs)

    def _ready(self, known: Version) -> tuple[Predictor | None, str]:
        """A model that has answered once, or why there is none. Wrong files are not downloaded again and again."""
        waits = self._serving.aside.reason(known.digest)
        if waits:
            return None, waits
        name, problem = f"model {known.name}", ""
        try:
            model = _made(known, self._shelf.take(known, self._fetch))
        except RegistryError as error:
            problem = f"its files cannot be fetched: {error}"
        except ArtifactError as error:
            problem = f"refused: {error}"
        except Exception as error:  # noqa: BLE001  whatever a damaged model makes its library raise
            problem = f"refused: {first_line(error)}"
        if not problem:
            self._serving.aside.release(known.digest)
            self._health.set(name, True, critical=False)
            return model, ""
        if problem.startswith("refused"):
            self._serving.aside.put(known.digest, problem)
        self._health.set(name, False, f"version {known.number} {problem}", critical=False)
        return None, problem

    def _forget(self, kept: set[str]) -> None:
        """Models that serve nobody any more are nobody's trouble."""
        for name in self._health.snapshot():
            if name.startswith("model ") and name not in kept:
                self._health.drop(name)

    def _fetch(self, known: Version, folder: Path) -> Path:
        if self._source is None:
            raise RegistryError("not on this disk, and the registry was not reached yet")
        return self._source.fetch(known, folder)

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001  a full disk, say: told, and tried again
                self._health.set(REGISTRY, False, first_line(error), critical=False)
            self._wake.wait(self._every_s)
            self._wake.clear()


def serve(settings: Settings, health: Health) -> tuple[Serving, Refresh]:
    """Serving as the settings say, with what the disk has; the rest comes in the background. Stop and close them at the end."""
    shadow = Shadow(place(settings))
    shadow.start()
    serving = Serving(budget_ms=settings.model_budget_ms, retry_s=settings.model_retry_s, health=health, shadow=shadow)
    shelf = Shelf(folder(settings) / "served")
    refresh = Refresh(serving, lambda: existing(settings), shelf, every_s=settings.model_refresh_s, health=health)
    refresh.start()
    return serving, refresh


def _made(known: Version, artifact: Artifact) -> Predictor:
    """The predictor, warm: its first answer compiles or allocates, and belongs to no record.

    Raises:
        ArtifactError: the files have another signature than the version claims, or the model cannot answer a row.

    """
    for side, claimed, found in (("inputs", known.inputs, artifact.inputs), ("outputs", known.outputs, artifact.outputs)):
        if claimed != found:
            raise ArtifactError(f"signature: the version claims the {side} {list(claimed)}, its files {list(found)}")
    model = predictor(artifact)
    model.predict(np.zeros((1, len(known.inputs))))
    return model
