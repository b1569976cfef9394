"""A training run into the registry: parameters, figures, plots, signature and example; then the version."""

import json
import math
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from models import gate, plots, provenance, tracking
from models.artifact import ArtifactError
from models.card import Card
from models.recipe import Trained
from models.registry import Registry
from models.version import CHALLENGER, CHAMPION, PASSED, Version, tags

MODEL = "model"  # folder of the served files below the run's own
UNFIT = re.compile(r"[^A-Za-z0-9_. -]+")  # what MLflow refuses in names, and its separator
NAME_MAX = 100  # characters of either half; MLflow takes 250 in all


def register(registry: Registry, trained: Trained, *, seed: int, judged: Mapping[str, str] | None = None) -> Version:
    """Log a run and register what it made. The first version that beats its trivial baseline is champion at once; later ones challenge.

    `judged` holds gate and champion of a challenger that was judged beside it on the same rows: tags `gate` and `against`.
    A version with the same files and figures is not registered twice: the run is logged, the known version returned.

    Raises:
        RegistryError: MLflow or its store is away; nothing is registered then.
        ArtifactError: example and artifact do not fit together.

    """
    card, artifact = trained.card, trained.artifact
    if trained.example.ndim != 2 or trained.example.shape[1] != len(artifact.inputs):
        raise ArtifactError(f"{card.name}: the example has shape {trained.example.shape}, the model {len(artifact.inputs)} inputs")
    known = registry.versions(card.name)
    champion = next((each for each in known if CHAMPION in each.aliases), None)
    with tracking.asked(registry.address):
        run, source = _log(registry, trained, seed)
        digest, figure = artifact.digest(), card.figures[0] if card.figures else None
        same = next((each for each in reversed(known) if each.digest == digest and _judged(each.card) == _judged(card)), None)
        if same:
            return same
        verdict = gate.against(figure, champion) if champion else gate.trivial(figure)
        made = {
            "namespace": registry.settings.namespace,
            "digest": digest,
            "seed": str(seed),
            "commit": provenance.commit(),
            "lock": provenance.lock(),
            "gate": verdict,
            **(judged or {}),
        }
        return _version(registry, trained, run, source, made, first=champion is None)


def _version(registry: Registry, trained: Trained, run: str, source: str, made: dict[str, str], *, first: bool) -> Version:  # noqa: PLR0913
    client, name = registry.client, registry.registered(trained.card.name)
    told = tags(trained.card, trained.artifact.inputs, trained.artifact.outputs, made)
    becomes = CHAMPION if first and made["gate"] == PASSED else CHALLENGER
    if becomes == CHAMPION:
        told["promoted"] = provenance.now()
    if not client.search_registered_models(filter_string=f"name = '{name}'", max_results=1):
        client.create_registered_model(name, description=trained.card.title)
    entry = client.create_model_version(name, source, run_id=run, tags=told, description=trained.card.limits, await_creation_for=0)
    client.set_registered_model_alias(name, becomes, entry.version)
    return registry.version(trained.card.name, int(entry.version))


def _log(registry: Registry, trained: Trained, seed: int) -> tuple[str, str]:
    """The run; returns its id and where the served files are."""
    client, card = registry.client, trained.card
    run = client.create_run(_experiment(registry), run_name=card.name, tags={"task": card.task, "data_set": card.data_set})
    identity = run.info.run_id
    try:
        for name, value in {**trained.parameters, "seed": seed}.items():
            client.log_param(identity, _fit(name), value)
        for name, value in metrics(card):
            client.log_metric(identity, name, value)
        with tempfile.TemporaryDirectory() as folder:
            write(trained, Path(folder))
            client.log_artifacts(identity, folder)
    except BaseException:
        client.set_terminated(identity, "FAILED")
        raise
    client.set_terminated(identity, "FINISHED")
    return identity, f"{run.info.artifact_uri}/{MODEL}"


def _experiment(registry: Registry) -> str:
    """Id of the experiment of this instance; another place for files is another experiment, because MLflow binds the two."""
    url = registry.settings.artifacts_url
    name = f"{registry.settings.namespace}models" + (f" in {url}" if url else "")
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  see models/tracking.py

    client, place = registry.client, tracking.location(registry.settings) or None
    if found := client.get_experiment_by_name(name):
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(name, artifact_location=place))
    except MlflowException:
        if found := client.get_experiment_by_name(name):
            return str(found.experiment_id)  # another process has made it meanwhile
        raise


def write(trained: Trained, folder: Path) -> None:
    """All files of a run: the served ones below model/, beside them card, signature, example and plots."""
    artifact = trained.artifact
    artifact.write(folder / MODEL)
    columns = {"inputs": artifact.inputs, "outputs": artifact.outputs}
    signature = {side: [{"name": name, "type": "double", "required": True} for name in names] for side, names in columns.items()}
    example = {"columns": artifact.inputs, "data": np.asarray(trained.example).tolist()}
    for name, content in {"card": asdict(trained.card), "signature": signature, "input_example": example}.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "plots").mkdir()
    for name, image in {"figures.png": plots.figures(trained.card), **trained.plots}.items():
        (folder / "plots" / Path(name).name).write_bytes(image)


def metrics(card: Card) -> Iterator[tuple[str, float]]:
    """Every figure beside its interval and its baselines, by a name that MLflow takes; what is no number is left out."""
    for number, figure in enumerate(card.figures):
        stem = f"{number} {_fit(figure.data_set)}/{_fit(figure.metric)}"
        told = {"": figure.value, ".low": figure.low, ".high": figure.high, ".trivial": figure.trivial, ".simple": figure.simple}
        yield from ((stem + end, value) for end, value in told.items() if math.isfinite(value))
    if math.isfinite(card.row_us):
        yield "row_us", card.row_us


def _fit(name: str) -> str:
    """A name that MLflow takes.

    >>> _fit("RMSE, cycles (labels <= 125)"), _fit("a/b")
    ('RMSE cycles labels 125', 'a b')
    """
    return " ".join(UNFIT.sub(" ", name).split())[:NAME_MAX].strip()


def _judged(card: Card) -> str:
    return json.dumps([asdict(figure) for figure in card.figures])
