"""Which models may answer a question, and in which order they are asked."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from models.card import Card, Task
from models.trial import arm
from models.version import CHALLENGER, CHAMPION, PREVIOUS, Version

NEAREST = ("asset", "class", "any")  # what a model serves, best first; "none" is a benchmark and serves nobody


@dataclass(frozen=True, slots=True)
class Need:
    """A question for a model.

    Args:
        inputs: names of the columns at hand, in order; a model must have exactly these.
        quantities: what the sensors of the asset measure (processors/quantity.py).
        outputs: names of the columns that must be answered, in order; () leaves that to the model.

    """

    task: Task
    inputs: tuple[str, ...]
    quantities: frozenset[str] = frozenset()
    asset: str = ""
    asset_class: str = ""
    outputs: tuple[str, ...] = ()


def refusal(version: Version, need: Need) -> str:
    """Why a version may not answer; "" when it may."""
    card = version.card
    if card.task != need.task:
        return f"its task is {card.task}"
    if card.serves not in NEAREST:
        return "a benchmark model, never used on live assets"
    for kind, served in (("asset", need.asset), ("class", need.asset_class)):
        if card.serves == kind and card.tags.get(kind) != served:
            return f"serves the {kind} {card.tags.get(kind)!r} only"
    lacking = sorted(set(card.quantities) - need.quantities)
    if lacking:
        return f"needs {', '.join(lacking)}"
    if need.outputs and version.outputs != need.outputs:
        return f"answers {', '.join(version.outputs)}"
    return _different(version.inputs, need.inputs)


def _different(wanted: tuple[str, ...], given: tuple[str, ...]) -> str:
    """What two signatures differ in.

    >>> _different(("a", "b"), ("b", "c")), _different(("a", "b"), ("b", "a")), _different(("a",), ("a",))
    ('inputs differ: lacks a, has c beside', 'inputs differ in their order', '')
    """
    if wanted == given:
        return ""
    lacks, beside = (", ".join(sorted(set(one) - set(other))) for one, other in ((wanted, given), (given, wanted)))
    told = [f"lacks {lacks}" if lacks else "", f"has {beside} beside" if beside else ""]
    return "inputs differ: " + ", ".join(filter(None, told)) if any(told) else "inputs differ in their order"


def order(versions: Iterable[Version], need: Need) -> list[Version]:
    """Versions to ask, first the best: own asset, own class, anybody; more quantities used; more gain over its baseline.

    Of each model the champion, then the newest that was champion before and was not rolled back. While a trial runs, the challenger
    comes before them for the assets that it was dealt.
    """
    versions = list(versions)
    tried = {known.name: known for known in versions if _tried(known) and arm(known.trial, need.asset, known.share) == CHALLENGER}
    chains = [_chain(list(each)) for _, each in groupby(sorted(versions, key=lambda known: known.name), key=lambda known: known.name)]
    fitting = [[known for known in chain if not refusal(known, need)] for chain in chains]
    chosen = sorted(filter(None, fitting), key=lambda chain: rank(chain[0]))
    return [known for chain in chosen for known in _dealt(chain, tried.get(chain[0].name), need)]


def served(versions: Iterable[Version]) -> list[Version]:
    """Versions that may have to answer somebody: these are kept at hand."""
    live = sorted((known for known in versions if known.card.serves in NEAREST), key=lambda known: known.name)
    chains = [known for _, each in groupby(live, key=lambda known: known.name) for known in _chain(list(each))]
    return [*chains, *(known for known in live if _tried(known) and known not in chains)]


def challengers(versions: Iterable[Version]) -> list[tuple[Version, Version]]:
    """Champion and challenger of each model that serves somebody and whose challenger answers the same question."""
    known = list(versions)
    champions = {each.name: each for each in known if CHAMPION in each.aliases and each.card.serves in NEAREST}
    return [
        (champions[each.name], each)
        for each in known
        if CHALLENGER in each.aliases and each.name in champions and alike(champions[each.name], each)
    ]


def alike(champion: Version, challenger: Version) -> bool:
    """Whether two versions differ, but not in what they are asked."""
    questions = [(each.card.task, each.inputs, each.outputs, each.card.tags.get("rule")) for each in (champion, challenger)]
    return questions[0] == questions[1] and champion.digest != challenger.digest


def _chain(versions: list[Version]) -> list[Version]:
    """Champion and one older version of a model; nothing of a model without a champion."""
    champion = [known for known in versions if CHAMPION in known.aliases]
    older = [known for known in versions if known.promoted and not known.withdrawn and CHAMPION not in known.aliases]
    older.sort(key=lambda known: (PREVIOUS in known.aliases, known.number), reverse=True)
    return [*champion, *older[:1]] if champion else []


def _tried(known: Version) -> bool:
    """True for the challenger of a running trial; one that was rolled back gets no asset, whatever a trial says."""
    return bool(known.trial) and not known.withdrawn


def _dealt(chain: list[Version], tried: Version | None, need: Need) -> list[Version]:
    """The versions of a model for an asset that was dealt to `tried`; None: it was not."""
    if tried is None or not need.asset or refusal(tried, need):
        return chain
    return [tried, *(known for known in chain if known.number != tried.number)]


def rank(first: Version) -> tuple[int, int, float, str]:
    """The best model has the smallest, by the version of it that is asked first."""
    return NEAREST.index(first.card.serves), -len(first.card.quantities), -_gain(first.card), first.name


def _gain(card: Card) -> float:
    """Gain of the deciding figure over its trivial baseline, as a share of that; 0 where it is unknown."""
    figure = card.figures[0] if card.figures else None
    if figure is None or not math.isfinite(figure.value - figure.trivial) or figure.trivial == 0:
        return 0.0
    gain = (figure.value - figure.trivial) / abs(figure.trivial)
    return gain if figure.better == "higher" else -gain
