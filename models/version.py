"""What the registry says of one version of a model; made of its tags, so that reading it needs no MLflow."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from models.card import Card, Figure

CHAMPION: Final = "champion"
CHALLENGER: Final = "challenger"
PREVIOUS: Final = "previous"
PASSED: Final = "passed"
TRIAL: Final = "trial"  # tag of the registered model


class VersionError(ValueError):
    """The tags of a version are not ours, or were damaged."""


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version.

    Args:
        number: of the version, from 1.
        digest: sha256 of the artifact's files, hexadecimal.
        source: where the registry keeps the files.
        run: id of the run that made it.
        inputs: names of the input columns, in order.
        outputs: names of the output columns, in order.
        commit: git commit of the code, "" where unknown.
        lock: sha256 of the lock file the libraries came from.
        gate: "passed", or why it did not pass.
        against: number of the champion that it was judged beside on the same rows; 0: the figures of the cards decide.
        promoted: when it became champion, ISO 8601; "" for one that never was.
        withdrawn: why it was rolled back; "" for all others.
        created: milliseconds since 1970.
        trial: name of the running trial in which it challenges the champion; "" for all others.
        share: of the assets that it answers for in that trial.

    """

    name: str
    number: int
    digest: str
    card: Card
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    seed: int
    commit: str
    lock: str
    gate: str
    source: str
    run: str
    created: int
    promoted: str = ""
    withdrawn: str = ""
    against: int = 0
    trial: str = ""
    share: float = 0.0
    aliases: frozenset[str] = field(default_factory=frozenset)

    @property
    def deciding(self) -> Figure | None:
        """The figure that decides; None for a card without figures."""
        return self.card.figures[0] if self.card.figures else None

    def row(self) -> dict[str, Any]:
        """One line of `maint models list --json`."""
        figure = self.deciding
        return {
            "name": self.name,
            "version": self.number,
            "task": self.card.task,
            "quantities": list(self.card.quantities),
            "signature": {"inputs": list(self.inputs), "outputs": list(self.outputs)},
            "metric": figure.metric if figure else None,
            "value": figure.value if figure else None,
            "baseline": figure.trivial if figure else None,
            "data_set": self.card.data_set,
            "serves": self.card.serves,
            "domains": list(self.card.domains),
            "aliases": sorted(self.aliases),
            "gate": self.gate,
            "digest": self.digest,
        }


def tags(card: Card, inputs: tuple[str, ...], outputs: tuple[str, ...], made: Mapping[str, str]) -> dict[str, str]:
    """Tags of a version: everything a person or a program chooses by, each by its own name, and the whole card.

    `made` holds namespace, digest, seed, commit, lock and gate.
    """
    figure = card.figures[0] if card.figures else None
    told = {
        **made,
        "task": card.task,
        "domains": ",".join(card.domains),
        "quantities": ",".join(card.quantities),
        "serves": card.serves,
        "data_set": card.data_set,
        "inputs": json.dumps(inputs),
        "outputs": json.dumps(outputs),
        "metric": figure.metric if figure else "",
        "value": repr(figure.value) if figure else "",
        "better": figure.better if figure else "",
        "baseline": repr(figure.trivial) if figure else "",
        "baseline_name": figure.trivial_name if figure else "",
        "card": json.dumps(asdict(card)),
    }
    return {name: value for name, value in told.items() if value}


def card(text: str) -> Card:
    """A card from its JSON.

    Raises:
        VersionError: it is not the text of a card.

    """
    try:
        told = json.loads(text)
        told["figures"] = tuple(Figure(**figure) for figure in told["figures"])
        for name in ("domains", "quantities"):
            told[name] = tuple(told[name])
        return Card(**told)
    except (KeyError, TypeError, ValueError) as error:
        raise VersionError(f"its card cannot be read: {error}") from error


def version(given: Mapping[str, str], **stated: Any) -> Version:  # noqa: ANN401  fields of Version
    """A version from its tags and what else the registry states.

    Raises:
        VersionError: a tag is missing or cannot be read.

    """
    try:
        return Version(
            digest=given["digest"],
            card=card(given["card"]),
            inputs=tuple(json.loads(given["inputs"])),
            outputs=tuple(json.loads(given["outputs"])),
            seed=int(given["seed"]),
            commit=given.get("commit", ""),
            lock=given.get("lock", ""),
            gate=given.get("gate", ""),
            promoted=given.get("promoted", ""),
            withdrawn=given.get("withdrawn", ""),
            against=int(given.get("against", "0")),
            **stated,
        )
    except (KeyError, ValueError) as error:
        raise VersionError(f"{stated.get('name')} version {stated.get('number')}: tag {error}") from error


def store(known: Version) -> dict[str, Any]:
    """A version as plain data, for a file."""
    return {**asdict(known), "aliases": sorted(known.aliases), "card": json.dumps(asdict(known.card))}


def restore(told: Mapping[str, Any]) -> Version:
    """A version from that data.

    Raises:
        VersionError: it is not what `store` made.

    """
    try:
        columns = {name: tuple(told[name]) for name in ("inputs", "outputs")}
        return Version(**{**told, **columns, "card": card(told["card"]), "aliases": frozenset(told["aliases"])})
    except (KeyError, TypeError) as error:
        raise VersionError(f"not a version: {error}") from error
