"""The column decoder against two oracles: fastavro on valid bytes, the strict codec on any bytes."""

import io
import random
import struct
from typing import Any

import fastavro
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.blobs import Blobs
from schemas.columns import INVALID, NO_FRAME, OK, OTHER_RECORD, UNKNOWN_ID, ColumnDecoder, Columns
from schemas.manifest import NEWEST, Schema
from tests.schemas.evolution import Evolution, body_of, parsed_with_names

FOREIGN = 77
RELAXED = settings(deadline=None, derandomize=True, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
EXAMPLES = {
    "Reading": {"sensor_id": "P1.vib", "ts": 1_700_000_000_000_000, "value": 1.5, "status": 0, "seq": 7},
    "Frame": {"sensor_id": "Pümpe", "ts": -1, "sample_rate_hz": 25600.0, "kind": "waveform", "values": bytes(range(16)), "status": 2**31},
}


def row(name: str, buffer: Any, columns: Columns, i: int) -> dict[str, Any]:
    """One row of the columns as fastavro would give it."""
    record: dict[str, Any] = {}
    for field in NEWEST[name].parsed["fields"]:
        key, node = field["name"], field["type"]
        if key in columns.spans:
            start, end = columns.spans[key]
            raw = bytes(buffer[start[i] : end[i]])
            record[key] = raw.decode() if node == "string" else raw
        elif key in columns.nulls and columns.nulls[key][i]:
            record[key] = None
        else:
            number = columns.numbers[key][i].item()
            record[key] = node["symbols"][number] if isinstance(node, dict) and node["type"] == "enum" else number
    return record


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all(bits(left[key]) == bits(right[key]) for key in left)


def bits(value: Any) -> Any:
    return struct.pack("<d", value) if isinstance(value, float) else value


def verdicts_agree(name: str, value: bytes, schema: Schema | None = None) -> int:
    """Column decoder and codec say the same of these bytes; returns the decoder's error."""
    resolve = {FOREIGN: schema}.get
    columns = ColumnDecoder(name, resolve).decode(Blobs.of([value, value]))
    error = int(columns.error[1])
    assert error == columns.error[0]
    slow = codec.decode(value, resolve)
    if isinstance(slow, codec.Decoded) and slow.name == name:
        assert error == OK
        assert same(row(name, Blobs.of([value, value]).buffer, columns, 1), slow.record)
    elif isinstance(slow, codec.Undecodable) and error == INVALID:
        assert slow.reason == codec.UNDECODABLE
    elif isinstance(slow, codec.Undecodable) and error == UNKNOWN_ID:
        assert slow.reason != codec.UNDECODABLE
    else:
        assert error in (NO_FRAME, OTHER_RECORD)
    return error


@pytest.mark.parametrize("name", EXAMPLES)
def test_own_records(name: str) -> None:
    values = Blobs.of([codec.encode(name, EXAMPLES[name])] * 3)
    columns = ColumnDecoder(name).decode(values)
    assert columns.error.tolist() == [OK] * 3
    assert row(name, values.buffer, columns, 2) == EXAMPLES[name]
    assert columns.schema_id.tolist() == [NEWEST[name].id] * 3


@RELAXED
@given(rng=st.randoms(use_true_random=False), name=st.sampled_from(sorted(EXAMPLES)))
def test_equals_fastavro_for_evolved_writers(rng: random.Random, name: str) -> None:
    schema, body = drawn(rng, name)
    try:
        expected = fastavro.schemaless_reader(io.BytesIO(body), parsed_with_names(schema)[0], NEWEST[name].parsed)
    except Exception:  # noqa: BLE001  fastavro has no common error class
        expected = None
    values = Blobs.of([codec.frame(FOREIGN) + body])
    columns = ColumnDecoder(name, {FOREIGN: schema}.get).decode(values)
    assert columns.error[0] == (INVALID if expected is None else OK)
    if isinstance(expected, dict):
        assert same(row(name, values.buffer, columns, 0), expected)


@RELAXED
@given(rng=st.randoms(use_true_random=False), name=st.sampled_from(sorted(EXAMPLES)))
def test_equals_the_codec_on_damaged_bytes(rng: random.Random, name: str) -> None:
    schema, body = drawn(rng, name)
    verdicts_agree(name, codec.frame(FOREIGN) + Evolution(rng).damaged(body), schema)


@RELAXED
@given(rng=st.randoms(use_true_random=False), name=st.sampled_from(sorted(EXAMPLES)), noise=st.binary(max_size=60))
def test_equals_the_codec_on_noise(rng: random.Random, name: str, noise: bytes) -> None:
    verdicts_agree(name, codec.frame(FOREIGN) + noise, Evolution(rng).writer(name))


def drawn(rng: random.Random, name: str) -> tuple[Schema, bytes]:
    """A writer's schema and the body of a record."""
    evolution = Evolution(rng)
    schema = evolution.writer(name)
    parsed, names = parsed_with_names(schema)
    return schema, body_of(parsed, evolution.value(parsed, names))


def test_every_single_bit_and_every_cut_of_a_reading() -> None:
    value = codec.encode("Reading", EXAMPLES["Reading"])
    flipped = [bytes([*value[:i], value[i] ^ 1 << bit, *value[i + 1 :]]) for i in range(len(value)) for bit in range(8)]
    seen = {verdicts_agree("Reading", one) for one in flipped}
    seen |= {verdicts_agree("Reading", value[:end]) for end in range(len(value))}
    seen.add(verdicts_agree("Reading", value + b"\0"))
    assert seen == {OK, NO_FRAME, OTHER_RECORD, INVALID, UNKNOWN_ID}


def test_a_batch_does_not_leak_between_records() -> None:
    values_ = [codec.encode("Reading", {"sensor_id": f"s{i}", "ts": i, "value": float(i), "seq": i if i % 2 else None}) for i in range(50)]
    values_[10] = values_[10][:-1]  # its last byte stands at the start of the next record's bytes
    values = Blobs.of(values_)
    columns = ColumnDecoder("Reading").decode(values)
    assert np.flatnonzero(columns.error).tolist() == [10]
    assert [row("Reading", values.buffer, columns, i)["seq"] for i in (9, 11, 12)] == [9, 11, None]
