"""waveforms.v1 to the archive and to store.waveform: an object of NumPy first, then its row, so that a row always has its object.

A crash in between leaves an object without a row; the repetition writes the same bytes to the same name.
Objects take time and the other topics wait meanwhile: what does not fit into a turn is read again in the next one.
"""

import hashlib
import io
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import numpy as np
import psycopg

from settings import Settings
from sinks.archive import Archive, archive
from sinks.errors import Poison
from sinks.record import Record
from sinks.rows import when
from sinks.table import Statement, Table, TableSink, insert, origin, times
from streams import topics

SAME: Final = ("waveform_id", "historical", "mode", "occasion", "detector", "kind", "unit", "size", "kernel")
KEY: Final = ("topic_id", "partition", "off", "nth")
INSERT: Final = insert(
    "store.waveform",
    [*KEY, "asset", "sensor", "condition_sensor", *SAME, "rate_hz", "samples", "ts", "known_at", "address", "bytes", "sha256"],
)
TOLD: Final = (
    "waveform_id", "asset_id", "sensor_id", "sample_rate_hz", "unit", "size", "cut", "mode", "occasion", "condition_sensor_id", "detector",
    "kind",
)  # fmt: skip
PART_MAX: Final = 120  # characters of a part of a name: file systems take 255 bytes
PIECE: Final = 8  # waveforms of one transaction
TURN_S: Final = 1.0


class Waveforms(TableSink):
    """Writes pieces for about a second a turn. The clock counts seconds, tests own theirs."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(settings, table(settings))
        self._clock = clock

    def write(self, connection: psycopg.Connection, records: Sequence[Record]) -> dict[int, int]:
        """Store as many of the first records as a turn has time for; returns the stored positions. Errors: those of a TableSink.

        Raises:
            Unreachable: the archive is away; pieces before it are stored, load again.
        """
        moved: dict[int, int] = {}
        begun = self._clock()
        for first in range(0, len(records), PIECE):
            if first and self._clock() - begun > TURN_S:
                break
            moved |= super().write(connection, records[first : first + PIECE])
        return moved


def table(settings: Settings) -> Table:
    """The topic's table; its rows are in the archive when they are made."""
    return Table(topics.WAVEFORMS, "Waveform", "waveform", partial(rows, archive(settings)))


def rows(kept_in: Archive, record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row, after its object was written.

    Raises:
        Poison: the values are no whole float32 numbers.
        OverflowError: a time beyond the year 9999.
        Unreachable: the archive is away.
        Fault: what the archive needs is not installed.
    """
    if len(record["values_f4"]) % 4:
        raise Poison(f"{len(record['values_f4'])} bytes of values: no multiple of 4")
    moments, content = times(record, "ts", "known_at"), packed(record)
    object_ = {
        "address": kept_in.put(name(record), content),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "samples": len(record["values_f4"]) // 4,
        "rate_hz": record["sample_rate_hz"],
    }
    names = {"asset": record["asset_id"], "sensor": record["sensor_id"], "condition_sensor": record["condition_sensor_id"]}
    yield INSERT, {**{name: record[name] for name in SAME}, **names, **object_, **moments, **origin(record)}


def packed(record: Mapping[str, Any]) -> bytes:
    """A waveform as an .npz file: `values` and one array for each fact about them. The same record gives the same bytes.

    np.load opens it; it is not compressed, as noise does not shrink.
    """
    stream = io.BytesIO()
    arrays = {
        "values": np.frombuffer(record["values_f4"], "<f4"),
        "ts": np.datetime64(record["ts"], "us"),
        **{name: record[name] for name in TOLD},
    }
    with zipfile.ZipFile(stream, "w") as file:
        for each, value in arrays.items():
            with file.open(zipfile.ZipInfo(f"{each}.npy"), "w") as member:
                np.lib.format.write_array(member, np.asanyarray(value), (1, 0), allow_pickle=False)
    return stream.getvalue()


def name(record: Mapping[str, Any]) -> str:
    """Name of the object: day of the event time, asset, id.

    >>> name({"ts": 0, "asset_id": "../Halle 2", "waveform_id": "5f0d"})
    '1970/01/01/..%2FHalle%202/5f0d.npz'
    >>> name({"ts": 0, "asset_id": "..", "waveform_id": "5f0d"})
    '1970/01/01/%2E%2E/5f0d.npz'
    """
    asset = quote(record["asset_id"], safe="")[:PART_MAX]
    if not asset.strip("."):
        asset = asset.replace(".", "%2E") or "_"
    return f"{when(record['ts']):%Y/%m/%d}/{asset}/{quote(record['waveform_id'], safe='')[:PART_MAX]}.npz"
