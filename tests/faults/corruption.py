"""Corrupted records through `Acquisition.apply`: for each one the outcome must be the judge's, and nothing may raise."""

import struct
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from processors.acquisition import Acquisition, Applied
from processors.options import Options, Source
from schemas.identifiers import partition_of
from tests.faults.checker import Expected, Record, accepted, decode
from tests.faults.load import Mix, Plan
from tests.faults.odd import MAKERS, Sound

CHUNK = 1000
START_US = 1_790_000_000_000_000
PARTITIONS = 4


@dataclass
class Report:
    """Records by outcome of the judge, by maker, and where the platform differs (at most 50, in words)."""

    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    makers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if len(self.wrong) < 50:
            self.wrong.append(what)


class Partition:
    """One partition: its log grows record by record, is applied in chunks and judged beside."""

    def __init__(self, number: int, report: Report) -> None:
        self._report = report
        source = Source("readings", "readings.raw.v1", "", number, PARTITIONS)
        self._acquisition = Acquisition(source=source, options=Options())
        self._expected = Expected(number, PARTITIONS)
        self._pending: list[tuple[Record, str]] = []
        self._end = 0

    def add(self, value: bytes | None, key: bytes | None, known_at: int, maker: str) -> None:
        """Append a record; `maker` names what is odd about it."""
        self._pending.append((Record(self._end, key, value, known_at), maker))
        self._end += 1
        if len(self._pending) == CHUNK:
            self.flush()

    def flush(self) -> None:
        """Apply what is pending and compare."""
        records = [record for record, _ in self._pending]
        if not records:
            return
        offsets = np.array([record.offset for record in records], np.int64)
        known_at = np.array([record.known_at for record in records], np.int64)
        applied = self._acquisition.apply([record.value for record in records], [record.key for record in records], offsets, known_at)
        self._compare(applied)
        self._pending = []

    def _compare(self, applied: Applied) -> None:
        names = [sensor for sensor, *_ in self._acquisition.describe(applied.rows["sensor"])]
        columns = (applied.rows[name].tolist() for name in ("offset", "ts", "value", "status"))
        rows = {row[0]: (name, *row[1:]) for name, row in zip(names, zip(*columns, strict=True), strict=True)}
        reasons = {record["origin"]["offset"]: record["reason"] for record in applied.rejections}
        if len(rows) != len(applied.rows) or len(reasons) != len(applied.rejections):
            self._report.note(f"a record has two outcomes among {self._pending[0][0].offset} and following")
        for record, maker in self._pending:
            outcome = self._expected.judge(record)
            self._report.outcomes[outcome] += 1
            self._report.makers[maker] += 1
            wanted = self._wanted(record, outcome)
            found = rows.get(record.offset) or reasons.get(record.offset, "mark")
            if record.offset in rows and record.offset in reasons:
                found = "both a row and a rejection"
            if not _equal(wanted, found):
                self._report.note(f"{maker}: key {record.key!r} value {record.value!r}: expected {wanted}, found {found}")

    def _wanted(self, record: Record, outcome: str) -> tuple[str, int, bytes, int] | str:
        if outcome == "rejected":
            return self._expected.rejected[record.offset]
        if outcome == "mark":
            return outcome
        decoded = decode(record.value)
        assert not isinstance(decoded, str)
        reading = decoded[1]
        return reading["sensor_id"], reading["ts"], *accepted(reading["value"], reading["status"])


def _equal(wanted: object, found: object) -> bool:
    if not isinstance(wanted, tuple) or not isinstance(found, tuple):
        return wanted == found
    sensor, ts, value, status = found
    same_value = np.isnan(struct.unpack("<d", wanted[2])[0]) if np.isnan(value) else struct.pack("<d", value) == wanted[2]
    return bool(same_value) and wanted[:2] == (sensor, ts) and wanted[3] == status


def run(records: int, corrupted: int, seed: int) -> Report:
    """Sound readings of which `corrupted` are made odd, spread evenly, in four partitions."""
    rng, report = np.random.default_rng(seed), Report(seed)
    plan = Plan("", "", PARTITIONS, rate=1000, assets=40, sensors=5, seed=seed, odd=0, again=0.01, corrected=0.01, late=0.01)
    mix = Mix(plan, START_US)
    partitions = [Partition(number, report) for number in range(PARTITIONS)]
    made = 0
    while made < records:
        batch = mix.batch(min(CHUNK, records - made))
        odd = rng.random(len(batch)) < corrupted / records
        now = int(batch.ts.max())
        for value, sensor, ts, is_odd in zip(
            mix.encoder.encode(batch), batch.sensor.tolist(), batch.ts.tolist(), odd.tolist(), strict=True
        ):
            asset = mix.assets[sensor // plan.sensors]
            if is_odd:
                maker = MAKERS[int(rng.integers(len(MAKERS)))]
                sound = Sound(mix.names[sensor], asset, mix.others[sensor // plan.sensors], ts, PARTITIONS)
                raw, key, home = maker(sound, rng)
                partitions[home].add(raw, key, now, maker.__name__)
            else:
                home = partition_of(mix.keys[sensor], PARTITIONS)
                partitions[home].add(value, mix.keys[sensor], now, "sound")
        made += len(batch)
    for partition in partitions:
        partition.flush()
    return report
