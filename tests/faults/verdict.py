"""The verdict on a run: every version stored once, outcomes as the judge counts them, scores as a second run computes them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from processors.acquisition import Acquisition, Applied
from processors.options import Options, Source
from settings import Settings
from streams.agents.acquisition import _options
from tests.faults.checker import Expected, Log, Record
from tests.faults.stored import OUTCOMES, Stored

CHUNK = 777  # other limits than the worker's: scores must not depend on them
SHOWN = 10
NUL, NUL_STORED = "\0", "\u2400"  # PostgreSQL's text cannot hold U+0000


@dataclass
class Verdict:
    """What was found.

    Attributes:
        outcomes: the judge's count.
        ledger: the platform's count.
        scored: rows whose score the second run computed.
        wrong: differences, in words; empty when all holds.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    ledger: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    lost: int = 0
    extra: int = 0
    scored: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """One more difference."""
        self.wrong.append(what)

    def summary(self) -> dict[str, Any]:
        """For people and BENCH_JSON."""
        counted = {name: self.outcomes[name] for name in ("received", *OUTCOMES)}
        return {**counted, "rows": self.rows, "lost": self.lost, "doubled_or_foreign": self.extra, "scores_equal": self.scored,
                "differences": len(self.wrong)}  # fmt: skip


def judge(settings: Settings, topic: str, *, rescore: bool = True) -> Verdict:
    """Compare the input topic with the database; both must be at rest."""
    verdict, log = Verdict(), Log(settings.kafka, settings.topic(topic))
    try:
        with psycopg.connect(settings.database_url.get_secret_value(), autocommit=True) as connection:
            stored = Stored(connection, topic)
            stored.load_names()
            for partition in range(log.partitions):
                expected, rows = _counted(verdict, log, stored, partition)
                if rescore:
                    _scores(verdict, expected, rows, stored, Rerun(settings, log, partition))
    finally:
        log.close()
    return verdict


def _counted(verdict: Verdict, log: Log, stored: Stored, partition: int) -> tuple[Expected, NDArray[Any]]:
    expected, rows = log.expected(partition), stored.rows(partition)
    verdict.outcomes.update(expected.outcomes)
    verdict.rows += len(rows)
    _versions(verdict, expected, rows, stored.names)
    _ledger(verdict, expected, stored.ledger(partition))
    _rejections(verdict, expected, stored.rejections(partition))
    return expected, rows


def _versions(verdict: Verdict, expected: Expected, rows: NDArray[Any], names: NDArray[Any]) -> None:
    """Each version exactly once with its value, the newest one current."""
    current = set(expected.current.values())
    offsets = rows["off"].tolist()
    columns = (offsets, names[rows["sensor"]].tolist(), rows["ts"].tolist(), rows["value"].tolist(), rows["status"].tolist())
    held = dict(zip(offsets, zip(*columns[1:], rows["current"].astype(bool).tolist(), strict=True), strict=True))
    missing = expected.versions.keys() - held.keys()
    foreign = held.keys() - expected.versions.keys()
    verdict.lost += len(missing)
    verdict.extra += len(foreign) + len(offsets) - len(held)
    where = f"partition {expected.partition}"
    for offset in sorted(missing)[:SHOWN]:
        verdict.note(f"{where}: offset {offset} is missing: {expected.versions[offset]}")
    for offset in sorted(foreign)[:SHOWN]:
        verdict.note(f"{where}: offset {offset} should not be stored: {held[offset]}")
    if len(offsets) != len(held):
        verdict.note(f"{where}: {len(offsets) - len(held)} offsets are stored twice")
    wrong = (
        o for o in sorted(held.keys() & expected.versions.keys()) if not _equal(expected.versions[o], held[o], is_current=o in current)
    )
    for offset in list(wrong)[:SHOWN]:
        verdict.note(f"{where}: offset {offset}: expected {expected.versions[offset]} {offset in current}, stored {held[offset]}")


def _equal(version: tuple[str, int, bytes, int], row: tuple[Any, ...], *, is_current: bool) -> bool:
    sensor, ts, value, status, current = row
    bits = np.float64(value).tobytes() if value == value else version[2]  # noqa: PLR0124  any NaN is no value
    no_value = np.isnan(np.frombuffer(version[2])[0]) == (value != value)  # noqa: PLR0124
    wanted = (version[0].replace(NUL, NUL_STORED), *version[1:])
    return bool(no_value) and wanted == (sensor, ts, bits, status & 0xFFFFFFFF) and current == is_current


def _ledger(verdict: Verdict, expected: Expected, ledger: Counter[str]) -> None:
    verdict.ledger.update(ledger)
    for name in OUTCOMES:
        if ledger[name] != expected.outcomes[name]:
            verdict.note(f"partition {expected.partition}: {name} is {expected.outcomes[name]}, the ledger says {ledger[name]}")
    if ledger.total() != expected.outcomes["received"]:
        verdict.note(f"partition {expected.partition}: {expected.outcomes['received']} received, {ledger.total()} in the ledger")


def _rejections(verdict: Verdict, expected: Expected, held: list[tuple[int, str]]) -> None:
    difference = set(held) ^ set(expected.rejected.items())
    for offset in sorted({offset for offset, _ in difference})[:SHOWN]:
        found = [reason for at, reason in held if at == offset]
        verdict.note(f"partition {expected.partition}: offset {offset}: expected {expected.rejected.get(offset)}, rejected as {found}")
    if len(held) != len({offset for offset, _ in held}):
        verdict.note(f"partition {expected.partition}: a rejection is stored twice")


class Rerun:
    """A second, independent pass of a fresh state over one partition."""

    def __init__(self, settings: Settings, log: Log, partition: int) -> None:
        options: Options = _options(settings)
        source = Source("readings", "readings.raw.v1", "", partition, log.partitions)
        self._log, self._partition = log, partition
        self.acquisition = Acquisition(source=source, options=options)

    def chunks(self) -> Iterator[Applied]:
        """What each chunk became."""
        chunk: list[Record] = []
        for record in self._log.records(self._partition):
            chunk.append(record)
            if len(chunk) == CHUNK:
                yield self._apply(chunk)
                chunk = []
        if chunk:
            yield self._apply(chunk)

    def _apply(self, chunk: list[Record]) -> Applied:
        offsets = np.array([record.offset for record in chunk], np.int64)
        known_at = np.array([record.known_at for record in chunk], np.int64)
        applied = self.acquisition.apply([record.value for record in chunk], [record.key for record in chunk], offsets, known_at)
        return replace(applied, rows=applied.rows.copy(), counts=applied.counts.copy())


def _scores(verdict: Verdict, expected: Expected, rows: NDArray[Any], stored: Stored, rerun: Rerun) -> None:
    """Row by row on (topic, partition, offset): the same bits."""
    applied = list(rerun.chunks())
    again = np.concatenate([each.rows for each in applied]) if applied else rows[:0]
    where = f"partition {expected.partition}"
    place = np.searchsorted(again["offset"], rows["off"])
    found = place < len(again)
    found[found] = again["offset"][place[found]] == rows["off"][found]
    if not found.all():
        verdict.note(f"{where}: {int((~found).sum())} stored rows do not come out of a second run")
        return
    twin = again[place]
    for name, kind in (("score", "u4"), ("flags", "u2"), ("ts", "i8"), ("known_at", "i8")):
        ours, theirs = np.ascontiguousarray(rows[name]).view(kind), np.ascontiguousarray(twin[name]).view(kind)
        for i in np.flatnonzero(ours != theirs)[:SHOWN].tolist():
            verdict.note(f"{where}: offset {rows['off'][i]}: {name} is {rows[name][i]}, a second run says {twin[name][i]}")
    verdict.scored += len(rows)
    for table, name in (("evidence", "evidence"), ("feature", "features"), ("spectrum", "spectra"), ("waveform", "waveforms")):
        wanted = {_key(record) for each in applied for record in getattr(each, name)}
        held = stored.events(table, expected.partition)
        if wanted != held:
            verdict.note(f"{where}: {name}: {len(wanted - held)} missing, {len(held - wanted)} not in a second run, of {len(wanted)}")


def _key(record: dict[str, Any]) -> tuple[int, int, int]:
    return record["origin"]["offset"], record["origin"]["nth"], record["known_at"]
