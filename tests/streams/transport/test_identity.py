import pytest

from streams.transport.identity import Fault, verify

PART = ("readings.raw.v1", 3)


def test_the_same_topic_at_or_behind_the_position_is_fine() -> None:
    verify(PART, built_from="a", topic_id="a", position=10, end=10)
    verify(PART, built_from=None, topic_id="a", position=0, end=0)


def test_another_id_is_a_fault_that_names_the_remedy() -> None:
    with pytest.raises(Fault, match=r"readings.raw.v1\[3\] was recreated: its id was a, is b.*maint rebase"):
        verify(PART, built_from="a", topic_id="b", position=10, end=5000)


def test_a_log_that_ends_below_the_position_is_a_fault() -> None:
    with pytest.raises(Fault, match="was truncated: it ends at 9, the state stands at 10"):
        verify(PART, built_from="a", topic_id="a", position=10, end=9)
