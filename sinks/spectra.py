"""spectra.v1 to store.spectrum: one row per spectrum."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from sinks.errors import Poison
from sinks.table import Statement, Table, insert, origin, times
from streams import topics

SAME: Final = (
    "historical", "mode", "occasion", "rate_hz", "size", "kind", "unit", "first_hz", "df_hz", "enbw_lines", "band_low_hz", "band_high_hz",
    "kernel",
)  # fmt: skip
KEY: Final = ("topic_id", "partition", "off", "nth")
INSERT: Final = insert("store.spectrum", [*KEY, "asset", "sensor", *SAME, "ts", "known_at", "amplitude"])


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row.

    Raises:
        Poison: the amplitudes are no whole float32 numbers.
        OverflowError: a time beyond the year 9999.
    """
    packed = record["amplitude_f4"]
    if len(packed) % 4:
        raise Poison(f"{len(packed)} bytes of amplitudes: no multiple of 4")
    names = {"asset": record["asset_id"], "sensor": record["sensor_id"], "amplitude": np.frombuffer(packed, "<f4").tolist()}
    yield INSERT, {**{name: record[name] for name in SAME}, **names, **origin(record), **times(record, "ts", "known_at")}


TABLE: Final = Table(topics.SPECTRA, "Spectrum", "spectrum", rows)
