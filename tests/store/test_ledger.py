from store.ledger import End, Stored, balance

RAW = End("raw", "id", 0, 10)


def stored(*, newest: int = 9, refused: int = 2, **outcomes: int) -> dict[tuple[str, int], Stored]:
    names = ("stored", "corrected", "duplicate", "rejected", "mark", "void", "expired")
    return {("id", 0): Stored(newest, tuple(outcomes.get(name, 0) for name in names), refused)}


def test_nothing_sent_is_settled() -> None:
    found = balance({}, {}, [End("raw", "id", 0, 0)], {})
    assert (found.received, found.in_flight, found.balanced, found.settled) == (0, 0, True, True)


def test_every_offset_has_an_outcome() -> None:
    found = balance(stored(stored=5, rejected=2, mark=2, void=1), {0: 2}, [RAW], {0: 2})
    assert (found.received, found.stored, found.rejected, found.in_flight) == (10, 5, 2, 0)
    assert found.balanced
    assert found.settled


def test_what_is_not_accounted_for_is_in_flight() -> None:
    found = balance(stored(newest=6, stored=5, rejected=2), {0: 2}, [RAW], {0: 2})
    assert (found.in_flight, found.balanced, found.settled) == (3, True, False)


def test_a_partition_nobody_has_read_is_in_flight() -> None:
    assert balance({}, {}, [RAW], {}).in_flight == 10


def test_outcomes_must_sum_to_the_watermark() -> None:
    found = balance(stored(stored=9, refused=0), {}, [RAW], {})
    assert not found.balanced
    assert found.problems == ["raw[0]: 9 outcomes of 10 offsets"]


def test_refused_records_on_their_way_are_no_contradiction() -> None:
    found = balance(stored(stored=8, rejected=2, refused=1), {0: 1}, [RAW], {0: 2})
    assert found.balanced
    assert not found.settled


def test_refused_records_must_all_be_kept() -> None:
    assert not balance(stored(stored=8, rejected=2, refused=1), {0: 2}, [RAW], {0: 2}).balanced
    assert not balance(stored(stored=8, rejected=2, refused=3), {0: 2}, [RAW], {0: 9}).balanced


def test_a_log_shorter_than_what_is_stored_is_named() -> None:
    found = balance(stored(stored=8, rejected=2), {0: 2}, [End("raw", "id", 0, 4)], {0: 2})
    assert "truncated" in found.problems[0]


def test_a_topic_made_anew_is_another() -> None:
    assert balance(stored(stored=8, rejected=2), {0: 2}, [End("raw", "other", 0, 4)], {0: 2}).in_flight == 4
