"""Record batches by columns: the kernel says what aiokafka's own parser says, and never reads beyond a damaged batch."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.records import Records, plain
from streams.transport.split import APPEND_TIME_BIT, HEADER, columns, warm

BLOB = st.none() | st.binary(max_size=20)
HEADERS = st.lists(st.tuples(st.text(max_size=3), BLOB), max_size=2)
ENTRY = st.tuples(st.integers(0, 2**41), BLOB, BLOB, HEADERS)
ATTRIBUTES_AT = 22

warm()


def batch(entries: Sequence[Any], codec: int = 0, first: int = 0) -> bytearray:
    builder = DefaultRecordBatchBuilder(
        2, codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=1 << 20
    )
    for number, (timestamp, key, value, headers) in enumerate(entries):
        assert builder.append(number, timestamp, key, value, headers)
    built = bytearray(builder.build())
    built[:8] = first.to_bytes(8, "big")
    return built


def listed(records: Records) -> list[Any]:
    return [records.offsets.tolist(), records.timestamps.tolist(), list(records.keys), list(records.values)]


@given(st.lists(ENTRY, min_size=1, max_size=10), st.integers(0, 4), st.integers(0, 2**62))
def test_the_kernel_reads_what_aiokafka_reads(entries: list[Any], codec: int, first: int) -> None:
    raw = bytes(batch(entries, codec, first))
    found = listed(columns(raw))
    assert found == listed(plain(raw))
    assert found[0] == [first + number for number in range(len(entries))]
    assert found[2:] == [[entry[1] for entry in entries], [entry[2] for entry in entries]]


def test_the_brokers_time_counts_where_the_topic_says_so() -> None:
    raw = batch([(1, b"k", b"v", []), (2, None, None, [])])
    raw[ATTRIBUTES_AT] |= APPEND_TIME_BIT
    raw[35:43] = (77).to_bytes(8, "big")  # the batch's greatest timestamp
    assert columns(bytes(raw)).timestamps.tolist() == [77, 77]


@given(st.lists(ENTRY, min_size=1, max_size=4), st.data())
def test_damaged_records_are_told_or_read_within_the_batch(entries: list[Any], data: st.DataObject) -> None:
    raw = batch(entries)
    place = data.draw(st.integers(HEADER.size - 4, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    del raw[data.draw(st.integers(HEADER.size, len(raw))) :]
    try:
        found = columns(bytes(raw))
    except CorruptRecordException:
        return
    assert sum(len(blob or b"") for blob in [*found.keys, *found.values]) <= len(raw) - HEADER.size


def test_an_unknown_compression_is_named() -> None:
    raw = batch([(1, None, b"v", [])])
    raw[ATTRIBUTES_AT] |= 7
    with pytest.raises(UnsupportedCodecError, match="7"):
        columns(bytes(raw))


def test_batches_of_old_topics_are_read_too() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 1 << 20)
    builder.append(0, timestamp=5, key=b"k", value=b"v")
    assert listed(columns(bytes(builder.build()))) == [[0], [5], [b"k"], [b"v"]]
