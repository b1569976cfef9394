"""Additions to the ledger: one row per (source, minute), a column per outcome."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray

from processors.outcome import Flag
from sinks.measurement import Counts
from sinks.rows import MINUTE_US, Rows, when

OUTCOMES: Final = ("stored", "corrected", "duplicate", "rejected", "mark", "void", "expired", "late")
_SUMS: Final = ", ".join(f"{name} = l.{name} + excluded.{name}" for name in OUTCOMES)
ADD: Final = f"""insert into store.ledger as l (source, minute, {", ".join(OUTCOMES)})
  select * from unnest(%s::smallint[], %s::timestamptz[], {", ".join(["%s::bigint[]"] * len(OUTCOMES))})
  on conflict (source, minute) do update set {_SUMS}"""
SHIFT: Final = 48

Additions = dict[tuple[int, int], dict[str, int]]  # (source, minute in microseconds) -> outcome -> records


def tally(rows: Rows, masks: Iterable[NDArray[np.bool_]]) -> Iterator[Counts]:
    """Rows under each mask by source and minute of their Kafka timestamp."""
    keys, place = np.unique(rows["source"].astype(np.int64) << SHIFT | rows["known_at"] // MINUTE_US, return_inverse=True)
    names = [(key >> SHIFT, (key & (1 << SHIFT) - 1) * MINUTE_US) for key in keys.tolist()]
    for mask in masks:
        counts = np.bincount(place[mask], minlength=len(names)).tolist()
        yield {name: n for name, n in zip(names, counts, strict=True) if n}


def additions(
    rows: Rows, in_order: NDArray[np.bool_], stored: Counts, corrected: Counts, others: Mapping[tuple[int, int, str], int]
) -> Additions:
    """What a batch adds: rows by what the database did with them, the others as the blocks counted them.

    Args:
        rows: the batch (ROW).
        in_order: rows that went straight into the table.
        stored: staged records that were absent.
        corrected: staged records that changed a value.
        others: (source, minute, outcome) -> records.
    """
    first = (rows["flags"] & Flag.PART) == 0
    found: Additions = defaultdict(lambda: dict.fromkeys(OUTCOMES, 0))
    late = (rows["flags"] & Flag.LATE) != 0
    records, copied, delayed = tally(rows, (first, first & in_order, first & late))
    for key, n in records.items():
        entry = found[key]
        entry["stored"] = copied.get(key, 0) + stored.get(key, 0)
        entry["corrected"] = corrected.get(key, 0)
        entry["duplicate"] = n - entry["stored"] - entry["corrected"]
    for key, n in delayed.items():
        found[key]["late"] = n
    for (source, minute, outcome), n in others.items():
        found[source, minute][outcome] += n
    return found


def add(cursor: psycopg.Cursor, found: Additions) -> None:
    """Add to the ledger; in one order of keys for all sinks."""
    if found:
        columns: Any = zip(*((source, when(minute), *entry.values()) for (source, minute), entry in sorted(found.items())), strict=True)
        cursor.execute(ADD, [list(column) for column in columns])


def totals(found: Additions) -> dict[str, int]:
    """Sum over sources and minutes, by outcome."""
    return {name: sum(entry[name] for entry in found.values()) for name in OUTCOMES}
