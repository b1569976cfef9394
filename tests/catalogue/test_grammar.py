import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import grammar
from catalogue.grammar import Unreadable


@pytest.mark.parametrize(("text", "expected"), [
    ("P1.speed > 100", (100.0, 0.0, 0.0, "above")), ("P1.speed>100+-5", (100.0, 5.0, 0.0, "above")),
    ("P1.speed < -1.5e2 ±0.5 for 2 min", (-150.0, 0.5, 120.0, "below")), (" P1.speed > .5 +/-.1 for 1 h ", (0.5, 0.1, 3600.0, "above")),
])  # fmt: skip
def test_run_rules(text: str, expected: tuple[float, float, float, str]) -> None:
    rule = grammar.run_state(text)
    assert isinstance(rule, dict)
    assert (rule["threshold"], rule["hysteresis"], rule["delay_s"], rule["comparison"]) == expected
    assert grammar.run_state(grammar.write_run_state(rule)) == rule


def test_bands_may_be_negative_and_names_quoted() -> None:
    found = grammar.modes('"hall; T:1": -20--5 frost, -5 - 30 mild; b.x: 1e1 to 2e1 hot')
    assert isinstance(found, list)
    bands = [(band["sensor_id"], band["low"], band["high"]) for band in found]
    assert bands == [("hall; T:1", -20, -5), ("hall; T:1", -5, 30), ("b.x", 10, 20)]
    assert grammar.modes(grammar.write_modes(found)) == found


@pytest.mark.parametrize("text", ["", "P1", "P1 speed > 5", "P1.speed > five", "P1.speed = 1", "P1.speed > 1,5", "P1.speed > 5 for 10"])
def test_what_is_no_run_rule(text: str) -> None:
    assert isinstance(grammar.run_state(text), Unreadable)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in grammar.READ.values():
        read(text)


@given(st.text(st.characters(exclude_categories=("C", "Z"), include_characters=' "'), min_size=1).filter(lambda text: text.strip() == text))
def test_any_name_can_be_quoted(name: str) -> None:
    assert grammar.sensors(f"{grammar.quoted(name)}; b") == [name, "b"]
