"""The quick reader of blocks agrees with the codec, byte by byte."""

import random

import pytest

from schemas import codec
from sinks.layout import Layout
from tests.sinks.building import Reading, block, block_record

READINGS = [Reading(f"sensor-{n % 3}", ts=n, known_at=n * 40_000_000) for n in range(9)] + [
    Reading(outcome="rejected"),
    Reading(outcome="mark"),
]
WHOLE = block(READINGS, 7, voids=[{"start": 18, "end": 20}], expired=[{"start": 20, "end": 21}], end=21)
VALUES = [WHOLE, block([]), block([Reading()], 2**40), block([Reading("π" * 70)])]


def expected(value: bytes) -> object:
    found = codec.decode(value)
    return found.record if isinstance(found, codec.Decoded) else None


@pytest.mark.parametrize("value", VALUES)
def test_it_reads_what_the_codec_reads(value: bytes) -> None:
    layout = Layout()
    assert layout.read(value) == expected(value)
    assert layout.read(value) == expected(value), "and again, from what it remembers"


def test_of_damaged_blocks_it_reads_none_or_the_same_as_the_codec() -> None:
    chance, layout, read = random.Random(5), Layout(), 0
    for _ in range(4000):
        value = bytearray(chance.choice(VALUES))
        for _ in range(chance.randint(1, 2)):
            value[chance.randrange(5, min(len(value), 400))] = chance.randrange(256)
        damaged = bytes(value[: chance.choice((len(value), len(value), chance.randrange(len(value))))])
        found = layout.read(damaged)
        if found is not None:
            read += 1
            wanted = expected(damaged)
            assert isinstance(wanted, dict)
            assert repr(found) == repr(wanted)
    assert read > 500, "most changes leave a block"


@pytest.mark.parametrize("value", [None, b"", b"{}", bytes(5), WHOLE + b"\0", WHOLE[:-1]])
def test_what_it_does_not_know_is_left_to_the_codec(value: bytes | None) -> None:
    assert Layout().read(value) is None


def test_arrays_in_pieces_are_left_to_the_codec() -> None:
    record = block_record([Reading()]) | {"voids": [{"start": 1, "end": 2}, {"start": 2, "end": 3}], "end": 3}
    value = codec.encode("ScoredBlock", record)
    pieces = value.replace(bytes([4, 2, 4, 4, 6, 0]), bytes([2, 2, 4, 2, 4, 6, 0]))
    assert len(pieces) == len(value) + 1
    assert expected(pieces) == record
    assert Layout().read(pieces) is None


def test_a_dictionary_is_remembered_until_it_changes() -> None:
    layout = Layout()
    first, same, other = (layout.read(block([Reading(name)], start)) for name, start in (("a", 0), ("a", 1), ("b", 2)))
    assert first is not None
    assert same is not None
    assert other is not None
    assert first["sensors"] is same["sensors"]
    assert [entry["sensor_id"] for entry in other["sensors"]] == ["b"]


def test_an_entry_that_changes_is_read_anew() -> None:
    layout = Layout()
    changed = block_record([Reading()])
    changed["sensors"][0]["state"] = "learning"
    for value in (block([Reading()]), codec.encode("ScoredBlock", changed), block([Reading(), Reading("t")])):
        assert layout.read(value) == expected(value)
