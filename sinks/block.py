"""A ScoredBlock as columns, and the part of it that is still to be stored. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from processors.outcome import Flag
from sinks.errors import Poison
from sinks.rows import EPOCH_2000_US, MINUTE_US

Longs = NDArray[np.int64]

COLUMNS: Final = {"offset": "u4", "sensor": "u2", "flags": "u2", "ts": "i8", "known_at": "i8", "value": "f8", "status": "u4", "score": "f4"}
TS_END_US: Final = 4_102_444_800_000_000  # 2100: nothing the data plane lets pass comes near; each month costs a partition


@dataclass(frozen=True, slots=True)
class Block:
    """Outcomes of the input offsets [start, end) of one partition.

    `columns` hold the rows (absolute input offset first); `minutes` the per-minute counts of the records; `rejected` their
    offsets; `voids` and `expired` ranges of offsets without a record.
    """

    topic: str
    topic_id: str
    partition: int
    start: int
    end: int
    sensors: list[dict[str, str]]
    columns: Mapping[str, NDArray[Any]]
    minutes: Longs  # shape (m, 4): minute, received, rejected, mark
    rejected: Longs
    voids: Longs  # shape (k, 2)
    expired: Longs

    @property
    def first(self) -> NDArray[np.bool_]:
        """Rows that stand for a record: all but the further rows of a frame."""
        whole: NDArray[np.bool_] = (self.columns["flags"] & Flag.PART) == 0
        return whole

    @property
    def newest_us(self) -> int | None:
        """Newest minute of a record in the block; None when it holds none."""
        return int(self.minutes[:, 0].max()) if len(self.minutes) else None


Others = Counter[tuple[int | None, str]]  # (minute, rejected | mark | void | expired) -> records; minute None = the block has none


def read(record: Mapping[str, Any]) -> Block:
    """Unpack and check a decoded ScoredBlock.

    Raises:
        Poison: columns or counts contradict each other.
    """
    columns = {name: np.frombuffer(record[f"{name}_{kind}"], f"<{kind}") for name, kind in COLUMNS.items()}
    columns["offset"] = columns["offset"].astype(np.int64) + record["start"]
    counts = [[item["minute"], item["received"], item["rejected"], item["mark"]] for item in record["counts"]]
    block = Block(
        topic=record["topic"],
        topic_id=record["topic_id"],
        partition=record["partition"],
        start=record["start"],
        end=record["end"],
        sensors=record["sensors"],
        columns=columns,
        minutes=np.array(sorted(counts), np.int64).reshape(-1, 4),
        rejected=np.frombuffer(record["rejected_u4"], "<u4").astype(np.int64) + record["start"],
        voids=ranges(record["voids"]),
        expired=ranges(record["expired"]),
    )
    check(block, record["rows"])
    return block


def ranges(items: list[dict[str, int]]) -> Longs:
    """Ranges as pairs [start, end)."""
    return np.array([[item["start"], item["end"]] for item in items], np.int64).reshape(-1, 2)


def check(block: Block, rows: int) -> None:
    """Refuse a block that would unbalance the ledger or end a transaction.

    Raises:
        Poison: says what contradicts what.
    """
    columns = block.columns
    if any(len(column) != rows for column in columns.values()):
        raise Poison(f"columns of different length than rows = {rows}")
    if rows and not block.start <= columns["offset"].min() <= columns["offset"].max() < block.end:
        raise Poison(f"rows outside the span [{block.start}, {block.end})")
    if rows and columns["sensor"].max() >= len(block.sensors):
        raise Poison("a row points behind the dictionary of sensors")
    if rows and not EPOCH_2000_US <= columns["ts"].min() <= columns["ts"].max() < TS_END_US:
        raise Poison("an event time before 2000 or after 2099")
    received, rejected, marks = (int(n) for n in block.minutes[:, 1:].sum(0))
    empty = int((block.voids[:, 1] - block.voids[:, 0]).sum() + (block.expired[:, 1] - block.expired[:, 0]).sum())
    if received + empty != block.end - block.start:
        raise Poison(f"{received} records and {empty} empty offsets in a span of {block.end - block.start}")
    if int(block.first.sum()) + rejected + marks != received:
        raise Poison(f"{int(block.first.sum())} rows, {rejected} rejected and {marks} marks are not {received} records")
    if len(block.rejected) != rejected:
        raise Poison(f"{len(block.rejected)} offsets of {rejected} rejected records")


def others(block: Block, beyond: int) -> Others:
    """Outcomes above input offset `beyond` that are no rows, by minute.

    Empty offsets have no time of their own: they count in the newest minute of the block.
    A block that was stored in part (a worker came back and cut differently) is split by offset: Kafka timestamps do not fall
    within a partition (LogAppendTime), so the n-th record lies in the minute in which the counts reach n.
    """
    found: Others = Counter()
    for name, spans in (("void", block.voids), ("expired", block.expired)):
        empty = int((spans[:, 1] - np.maximum(spans[:, 0], beyond + 1)).clip(0).sum())
        if empty:
            found[block.newest_us, name] += empty
    if beyond < block.start:
        for minute, _, rejected, marks in block.minutes.tolist():
            found.update({(minute, name): n for name, n in (("rejected", rejected), ("mark", marks)) if n})
        return found
    offsets = records(block)
    minutes = np.repeat(block.minutes[:, 0], block.minutes[:, 1])
    rejected = np.isin(offsets, block.rejected)
    marks = ~rejected & ~np.isin(offsets, block.columns["offset"])
    for name, mask in (("rejected", rejected), ("mark", marks)):
        for minute, n in zip(*np.unique(minutes[mask & (offsets > beyond)], return_counts=True), strict=True):
            found[int(minute), name] += int(n)
    return found


def records(block: Block) -> Longs:
    """Offsets of the span that hold a record, ascending."""
    there = np.ones(block.end - block.start, bool)
    for start, end in (*block.voids.tolist(), *block.expired.tolist()):
        there[start - block.start : end - block.start] = False
    return np.flatnonzero(there) + block.start


def minute(us: NDArray[Any]) -> Longs:
    """Begin of the minute of each time, microseconds."""
    return us // MINUTE_US * MINUTE_US
