"""The registry of models: versions, their aliases and their files. MLflow keeps them; here is what of it is used."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from models import tracking
from models.artifact import Artifact, read
from models.bucket import SCHEME, Bucket
from models.tracking import AbsentError, RegistryError
from models.version import CHAMPION, TRIAL, Version, VersionError, version
from settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Registry:
    """The versions of this instance's models. Names carry the namespace in MLflow, and nowhere else.

    Every method raises RegistryError when MLflow or its store is away.

    Args:
        settings: where MLflow and the object store are.

    Raises:
        AbsentError: the package mlflow is not installed.

    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.address = tracking.uri(settings)
        self.bucket = Bucket(settings)
        self.client: MlflowClient = tracking.client(settings)
        self._newest: tuple[list[Any], list[Version]] | None = None

    def registered(self, name: str) -> str:
        """A model's name in MLflow, which takes neither / nor : in it."""
        return f"{self.settings.namespace}{quote(name, safe=' ')}"

    def versions(self, name: str = "") -> list[Version]:
        """All versions, or those of one model, by name and number. Those whose tags cannot be read are left out.

        All of them are read again only when a model or an alias changed: a look at an unchanged registry costs little.
        """
        full = self.registered(name)
        chosen = f"name = '{full}'" if name else f"name LIKE '{full}%'" if full else None
        with tracking.asked(self.address):
            models = list(tracking.pages(self.client.search_registered_models, filter_string=chosen, max_results=1000))
            seen = [(model.name, model.last_updated_timestamp, dict(model.aliases), model.tags.get(TRIAL)) for model in models]
            if not name and self._newest and self._newest[0] == seen:
                return list(self._newest[1])
            stated = list(tracking.pages(self.client.search_model_versions, filter_string=chosen, max_results=1000)) if models else []
        aliases = {model.name: _by_number(model.aliases) for model in models}
        trials = {model.name: _trial(model.tags.get(TRIAL), aliases[model.name]) for model in models}
        found = [self._version(entry, aliases.get(entry.name, {}), trials.get(entry.name, {})) for entry in stated]
        versions = sorted((known for known in found if known), key=lambda known: (known.name, known.number))
        if not name:
            self._newest = seen, versions
        return versions

    def version(self, name: str, wanted: str | int) -> Version:
        """One version by its number or alias.

        Raises:
            RegistryError: there is none; the text says which there are.

        """
        known = self.versions(name)
        for each in known:
            if str(each.number) == str(wanted) or wanted in each.aliases:
                return each
        there = ", ".join(f"{each.number}{''.join(f' {alias}' for alias in sorted(each.aliases))}" for each in known)
        raise RegistryError(f"{name} has no version {wanted!r}; there are: {there or 'none; see `maint train`'}")

    def fetch(self, known: Version, folder: Path) -> Path:
        """The files of a version, unchecked: they are read with `models.artifact.read` and the version's digest.

        From an object store they come directly; else MLflow hands them out.

        Returns:
            The folder they are in, below the given one.

        Raises:
            ArtifactError: more bytes than any model of ours has.

        """
        if known.source.startswith(SCHEME):
            return self.bucket.download(known.source, folder)
        with tracking.asked(known.source):
            from mlflow.artifacts import download_artifacts  # noqa: PLC0415  see models/tracking.py

            folder.mkdir(parents=True, exist_ok=True)
            return Path(download_artifacts(artifact_uri=known.source, dst_path=str(folder), tracking_uri=self.address))

    def load(self, known: Version) -> Artifact:
        """The model of a version.

        Raises:
            ArtifactError: its files are not those that were registered, or are of a kind that is never loaded.

        """
        with tempfile.TemporaryDirectory() as folder:
            return read(self.fetch(known, Path(folder)), known.digest)

    def _version(self, entry: Any, aliases: dict[int, frozenset[str]], trial: Mapping[int, dict[str, Any]]) -> Version | None:  # noqa: ANN401  MLflow's entity
        if entry.tags.get("namespace", "") != self.settings.namespace:
            return None  # an instance beside us
        number = int(entry.version)
        try:
            return version(
                entry.tags,
                name=unquote(entry.name.removeprefix(self.settings.namespace)),
                number=number,
                source=entry.source,
                run=entry.run_id,
                created=entry.creation_timestamp,
                aliases=aliases.get(number, frozenset()),
                **trial.get(number, {}),
            )
        except VersionError:
            return None  # somebody else's model on the same server


def existing(settings: Settings) -> Registry:
    """The registry for a process that only reads: it makes no tables, which takes ten seconds of processor time.

    Raises:
        AbsentError: the package mlflow is not installed, or nothing was trained on this instance yet.

    """
    if not settings.mlflow_tracking_uri and not tracking.database(settings).exists():
        raise AbsentError("no model was trained yet: see `maint train --help`")
    return Registry(settings)


def _trial(told: str | None, aliases: Mapping[int, frozenset[str]]) -> dict[int, dict[str, Any]]:
    """What the version that is tried has beside its own tags; nothing when the trial has ended, or another version is champion by now.

    >>> _trial('{"name": "a", "champion": 1, "challenger": 2, "share": 0.5, "until": ""}', {1: frozenset({"champion"})})
    {2: {'trial': 'a', 'share': 0.5}}
    """
    trial = json.loads(told) if told else None
    if not trial or trial["until"] or CHAMPION not in aliases.get(trial["champion"], ()):
        return {}
    return {trial["challenger"]: {"trial": trial["name"], "share": trial["share"]}}


def _by_number(aliases: dict[str, str]) -> dict[int, frozenset[str]]:
    """Aliases of each version.

    >>> _by_number({"champion": "2"})
    {2: frozenset({'champion'})}
    """
    return {int(number): frozenset(alias for alias, of in aliases.items() if of == number) for number in aliases.values()}
