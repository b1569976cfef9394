"""features.v1 to store.feature: one row per asset and window, columns as arrays over sensors.

The dearest rows of the sink, one per forty readings or so: fifteen arrays each. They are written as binary COPY rows, whose
numbers are placed by numpy for all sensors and columns at once.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from struct import Struct
from typing import Any, Final

import numpy as np

from sinks.errors import Poison
from sinks.names import text
from sinks.rows import EPOCH_2000_US, when
from sinks.table import Bulk, Statement, Table
from streams import topics

COLUMNS: Final = {
    "n": "u4",
    "mean": "f8",
    "std": "f8",
    "min": "f8",
    "max": "f8",
    "first": "f8",
    "last": "f8",
    "slope": "f8",
    "rms": "f8",
    "peak_to_peak": "f8",
    "kurtosis": "f8",
    "crest": "f8",
    "good": "f4",
    "surprise": "f4",
}  # fmt: skip  columns of one kind stand together
STORED: Final = {"u4": (">i8", 20), "f8": (">f8", 701), "f4": (">f4", 700)}  # what the table holds, and PostgreSQL's number of the type
KINDS: Final = {kind: [f"{name}_{kind}" for name, given in COLUMNS.items() if given == kind] for kind in STORED}
TEXT: Final = 25
KEY: Final = ("topic_id", "partition", "off", "nth")
WRITTEN: Final = (*KEY, "asset", "window_s", "historical", "mode", "kernel", "start", "known_at", "sensors", *COLUMNS)
INSERT: Final = Bulk("store.feature", "feature", WRITTEN)
SIZE: Final = Struct("!i")
ARRAY: Final = Struct("!6i")  # length in bytes; dimensions, whether it holds nulls, type; items, number of the first
INT, LONG, BOOL = Struct("!ii"), Struct("!iq"), Struct("!i?")
NAMES_KEPT: Final = 10_000


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row.

    Raises:
        Poison: a column has another length than the list of sensors.
        OverflowError: a time beyond the year 9999.
    """
    size = len(record["sensors"])
    wrong = [name for name, kind in COLUMNS.items() if len(record[f"{name}_{kind}"]) != size * int(kind[1])]
    if wrong:
        raise Poison(f"columns {wrong} differ in length from the {size} sensors")
    yield INSERT, {"row": head(record) + names(tuple(record["sensors"])) + arrays(record, size)}


def head(record: Mapping[str, Any]) -> bytes:
    """The columns that are no arrays."""
    origin = record["origin"]
    return b"".join(
        (
            len(WRITTEN).to_bytes(2, "big"),
            _text(origin["topic_id"]),
            INT.pack(4, origin["partition"]),
            LONG.pack(8, origin["offset"]),
            INT.pack(4, origin["nth"]),
            _text(record["asset_id"]),
            INT.pack(4, record["window_s"]),
            BOOL.pack(1, record["historical"]),
            _text(record["mode"]),
            _text(record["kernel"]),
            _time(record["start"]),
            _time(record["known_at"]),
        )
    )


@lru_cache(NAMES_KEPT)
def names(sensors: tuple[str, ...]) -> bytes:
    """The array of sensors: an asset's are the same in every window."""
    items = b"".join(map(_text, sensors))
    return ARRAY.pack(ARRAY.size - SIZE.size + len(items), 1, 0, TEXT, len(sensors), 1) + items


def arrays(record: Mapping[str, Any], size: int) -> bytes:
    """The arrays of numbers."""
    blank, layout = frame(size)
    out = np.frombuffer(bytearray(blank), layout)[0]
    for kind, columns in KINDS.items():
        packed = b"".join([record[column] for column in columns])
        out[kind]["items"]["value"] = np.frombuffer(packed, f"<{kind}").reshape(len(columns), size)
    return bytes(out.data)


@lru_cache(1000)
def frame(size: int) -> tuple[bytes, np.dtype[Any]]:
    """The arrays of `size` numbers without the numbers, and how they lie: for each kind its columns."""
    parts = []
    for kind, columns in KINDS.items():
        item = np.dtype([("length", ">i4"), ("value", STORED[kind][0])])
        parts.append((kind, np.dtype([("head", ">i4", 6), ("items", item, size)]), len(columns)))
    layout = np.dtype(parts)
    out = np.zeros(1, layout)
    for kind, (stored, number) in STORED.items():
        item_bytes = np.dtype(stored).itemsize
        out[kind]["head"] = (ARRAY.size - SIZE.size + size * (SIZE.size + item_bytes), 1, 0, number, size, 1)
        out[kind]["items"]["length"] = item_bytes
    return out.tobytes(), layout


def _text(value: str) -> bytes:
    raw = text(value).encode()
    return SIZE.pack(len(raw)) + raw


def _time(us: int) -> bytes:
    when(us)  # the range that can be read back
    return LONG.pack(8, us - EPOCH_2000_US)


TABLE: Final = Table(topics.FEATURES, "Features", "feature", rows)
