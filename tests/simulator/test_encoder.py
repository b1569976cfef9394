import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Decoded, decode, encode
from simulator.batch import Batch
from simulator.encoder import TS_HIGH, TS_LOW, Encoder

EDGES = (0, 1, -1, 63, 64, TS_LOW - 1, TS_LOW, TS_HIGH - 1, TS_HIGH, 2**63 - 1, -(2**63))
TIMES = st.one_of(st.sampled_from(EDGES), st.integers(946_684_800_000_000, 4_102_444_800_000_000), st.integers(-(2**63), 2**63 - 1))
IDS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), min_size=1, max_size=5, unique=True)


@given(IDS, st.lists(st.tuples(st.integers(0, 4), TIMES, st.floats(width=64)), max_size=20))
def test_equals_the_codec_byte_by_byte(ids: list[str], rows: list[tuple[int, int, float]]) -> None:
    sensor = np.array([row[0] % len(ids) for row in rows], np.int64)
    ts, value = np.array([row[1] for row in rows], np.int64), np.array([row[2] for row in rows], np.float64)
    expected = [
        encode("Reading", {"sensor_id": ids[s], "ts": t, "value": v}) for s, t, v in zip(sensor, ts.tolist(), value.tolist(), strict=True)
    ]
    assert Encoder(ids).encode(Batch(sensor, ts, value)) == expected


def test_a_reading_comes_back() -> None:
    values = Encoder(["a", "b"]).encode(Batch(np.array([1]), np.array([1_700_000_000_123_456]), np.array([math.pi])))
    decoded = decode(values[0])
    assert isinstance(decoded, Decoded)
    assert decoded.record == {"sensor_id": "b", "ts": 1_700_000_000_123_456, "value": math.pi, "status": 0, "seq": None}


def test_another_schema_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.encoder.codec.encode", lambda name, record: encode(name, record) + b"\0")
    with pytest.raises(RuntimeError, match="schema of Reading has changed"):
        Encoder(["a"])
