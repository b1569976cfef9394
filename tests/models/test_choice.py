from dataclasses import replace

import pytest

from models.card import Card, Figure
from models.choice import Need, order, refusal, served
from models.version import Version
from tests.models import sample

NEED = Need("classification", sample.INPUTS, frozenset({"flow", "power"}), "P-101", "pump")


def made(name: str = "a", number: int = 1, card: Card | None = None, **stated: object) -> Version:
    known = Version(
        name,
        number,
        f"{name}{number}",
        card or sample.card(name),
        sample.INPUTS,
        ("probability",),
        0,
        "",
        "",
        "passed",
        "",
        "",
        0,
        "2026-11-01",
    )
    return replace(known, **{"aliases": frozenset({"champion"}), **stated})  # type: ignore[arg-type]


def names(*versions: Version) -> list[tuple[str, int]]:
    return [(known.name, known.number) for known in order(versions, NEED)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"task": "rul"}, "its task is rul"),
        ({"serves": "none"}, "benchmark"),
        ({"serves": "asset", "tags": {"asset": "P-102"}}, "serves the asset 'P-102' only"),
        ({"serves": "class", "tags": {"class": "fan"}}, "serves the class 'fan' only"),
        ({"quantities": ("flow", "temperature")}, "needs temperature"),
    ],
)
def test_who_may_not_answer(changed: dict[str, object], reason: str) -> None:
    assert reason in refusal(made(card=sample.card(**changed)), NEED)  # type: ignore[arg-type]


def test_the_signature_must_be_exact() -> None:
    assert refusal(made(), NEED) == ""
    assert refusal(made(inputs=sample.INPUTS[::-1]), NEED) == "inputs differ in their order"
    assert refusal(made(inputs=(*sample.INPUTS, "torque_nm")), NEED) == "inputs differ: lacks torque_nm"


def test_the_nearest_comes_first() -> None:
    anybody = made("a")
    own_class = made("b", card=sample.card("b", serves="class", tags={"class": "pump"}))
    own = made("c", card=sample.card("c", serves="asset", tags={"asset": "P-101"}))
    assert names(anybody, own_class, own) == [("c", 1), ("b", 1), ("a", 1)]


def test_more_quantities_then_more_gain() -> None:
    lower = Figure("generated", "held-out rows", "RMSE", 1.0, "lower", trivial=4.0)
    versions = [
        made("a"),
        made("b", card=sample.card("b", value=0.9)),
        made("c", card=sample.card("c", figures=(lower,))),
        made("d", card=sample.card("d", quantities=("flow", "power"))),
    ]
    assert names(*versions) == [("d", 1), ("b", 1), ("c", 1), ("a", 1)]


def test_after_the_champion_comes_one_older_version() -> None:
    none: frozenset[str] = frozenset()
    older, previous = made("a", 1, aliases=none), made("a", 2, aliases=frozenset({"previous"}))
    assert names(older, previous, made("a", 3)) == [("a", 3), ("a", 2)]
    assert names(older, replace(previous, withdrawn="false alarms"), made("a", 3)) == [("a", 3), ("a", 1)]
    never = made("a", 2, aliases=frozenset({"challenger"}), promoted="")
    assert names(never, made("a", 3)) == [("a", 3)]
    assert names(never) == []


def test_benchmarks_are_not_kept_at_hand() -> None:
    assert [known.name for known in served([made("a"), made("b", card=sample.card("b", serves="none"))])] == ["a"]


def test_a_version_that_was_rolled_back_is_dealt_no_asset() -> None:
    tried = made("a", 2, aliases=frozenset(), trial="a 1-2", share=1.0)
    assert names(made("a"), tried) == [("a", 2), ("a", 1)]
    withdrawn = replace(tried, withdrawn="false alarms")
    assert names(made("a"), withdrawn) == [("a", 1)]
    assert [known.number for known in served([made("a"), withdrawn])] == [1]
