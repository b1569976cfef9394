"""Rows as numpy structures, and their binary COPY messages. Knows neither topics nor SQL."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ROW: Final = np.dtype(
    [
        ("sensor_id", "i4"),
        ("status", "i4"),
        ("ts", "i8"),
        ("value", "f8"),
        ("known_at", "i8"),
        ("off", "i8"),
        ("score", "f4"),
        ("flags", "i2"),
        ("source", "i2"),
    ]
)  # fmt: skip  store.measurement; times are microseconds since 1970
DIRTY: Final = np.dtype([("sensor_id", "i4"), ("minute", "i8")])  # store.rollup_dirty
TIMES: Final = {"ts", "known_at", "minute"}
EPOCH_2000_US: Final = 946_684_800_000_000  # PostgreSQL counts from here
MINUTE_US: Final = 60_000_000
HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL: Final = b"\xff\xff"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Rows = NDArray[np.void]


def wire_type(row: np.dtype[Any]) -> np.dtype[Any]:
    """A row on the wire: number of fields, then length and big-endian value of each."""
    fields: list[tuple[str, Any]] = [("fields", ">i2")]
    for name in row.names or ():
        fields += [(f"length_{name}", ">i4"), (name, row[name].newbyteorder(">"))]
    return np.dtype(fields)


WIRE: Final = {kind: wire_type(kind) for kind in (ROW, DIRTY)}


def template(row: np.dtype[Any]) -> bytes:
    """A row on the wire of which only the values are missing."""
    out = np.zeros((), WIRE[row])
    names = row.names or ()
    out["fields"] = len(names)
    for name in names:
        out[f"length_{name}"] = row[name].itemsize
    return out.tobytes()


TEMPLATE: Final = {kind: template(kind) for kind in WIRE}


def wire(rows: Rows) -> bytes:
    """One binary COPY message (PostgreSQL documentation, COPY, binary format).

    >>> len(wire(np.zeros(2, ROW))) == len(HEAD) + 2 * (2 + 9 * 4 + 48) + len(TAIL)
    True
    """
    out = np.frombuffer(bytearray(TEMPLATE[rows.dtype] * len(rows)), WIRE[rows.dtype])
    for name in rows.dtype.names or ():
        out[name] = rows[name] - EPOCH_2000_US if name in TIMES else rows[name]
    return b"".join((HEAD, out.data, TAIL))


def when(us: int) -> datetime:
    """A time in microseconds since 1970 for psycopg.

    Raises:
        OverflowError: beyond the year 9999.

    >>> when(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return EPOCH + timedelta(microseconds=us)


def microseconds(time: datetime) -> int:
    """The way back."""
    return (time - EPOCH) // timedelta(microseconds=1)
