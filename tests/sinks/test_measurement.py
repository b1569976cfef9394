"""Law: any cutting into batches and any replay gives the tables of a dictionary model."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from settings import Settings
from sinks import measurement
from sinks.rows import ROW, Rows
from store.database import Role, connect
from store.partitions import Months
from tests.sinks.building import BASE_US

HOUR_US = 3_600_000_000
READINGS = 3000
Key = tuple[int, int]  # sensor, ts
Version = tuple[int, int, int]  # known_at, source, off
Value = tuple[float, int]  # value, status


@dataclass
class Model:
    """What the tables must hold after the rows came in this order."""

    history: dict[Key, dict[Version, Value]]
    counts: Counter[str]

    @classmethod
    def of(cls, rows: Rows) -> "Model":
        model = cls({}, Counter())
        for row in rows:
            model.add(row)
        return model

    def add(self, row: Any) -> None:
        version = (int(row["known_at"]), int(row["source"]), int(row["off"]))
        value = (float(row["value"]), int(row["status"]))
        known = self.history.setdefault((int(row["sensor_id"]), int(row["ts"])), {})
        if not known:
            known[version] = value
            self.counts["stored"] += 1
        elif version in known or known[max(known)] == value:
            self.counts["duplicate"] += 1
        else:
            known[version] = value
            self.counts["corrected"] += 1

    @property
    def current(self) -> dict[Key, tuple[Version, Value]]:
        return {key: (max(known), known[max(known)]) for key, known in self.history.items()}

    @property
    def revisions(self) -> dict[tuple[Key, Version], Value]:
        return {(key, version): value for key, known in self.history.items() for version, value in known.items() if version != max(known)}


def log(rng: np.random.Generator) -> tuple[Rows, NDArray[np.bool_]]:
    """Readings on few keys, so that many repeat and contradict each other; which of them are in order."""
    rows = np.zeros(READINGS, ROW)
    rows["sensor_id"] = rng.integers(1, 40, READINGS)
    rows["ts"] = BASE_US + rng.integers(0, 40, READINGS) * 20 * HOUR_US
    rows["value"] = rng.integers(0, 3, READINGS)
    rows["off"] = np.arange(READINGS)
    rows["source"] = 1 + rows["sensor_id"] % 4
    rows["known_at"] = BASE_US + np.arange(READINGS) * 100_000
    newest: dict[int, int] = {}
    in_order = np.zeros(READINGS, bool)
    for at, row in enumerate(rows):
        in_order[at] = row["ts"] > newest.get(int(row["sensor_id"]), -1)
        newest[int(row["sensor_id"])] = max(newest.get(int(row["sensor_id"]), -1), int(row["ts"]))
    return rows, in_order


def write(connection: psycopg.Connection, rows: Rows, in_order: NDArray[np.bool_]) -> Counter[str]:
    with connection.transaction(), connection.cursor() as cursor:
        stored, corrected = measurement.store(cursor, rows, in_order)
    counts = Counter({"stored": sum(stored.values()) + int(in_order.sum()), "corrected": sum(corrected.values())})
    counts["duplicate"] = len(rows) - counts.total()
    return counts


def tables(connection: psycopg.Connection) -> tuple[dict[Key, tuple[Version, Value]], dict[tuple[Key, Version], Value]]:
    columns = "sensor_id, (extract(epoch from ts) * 1e6)::bigint, (extract(epoch from known_at) * 1e6)::bigint, source, off, value, status"
    current = connection.execute(f"select {columns} from store.measurement").fetchall()
    revisions = connection.execute(f"select {columns} from store.measurement_revision").fetchall()
    return (
        {(row[0], row[1]): (row[2:5], row[5:]) for row in current},
        {((row[0], row[1]), row[2:5]): row[5:] for row in revisions},
    )


@pytest.mark.integration
def test_any_cutting_and_any_replay_gives_the_same_tables(connection: psycopg.Connection) -> None:
    Months().ensure(connection, {(2026, 1), (2026, 2)})
    for seed in range(4):
        connection.execute("truncate store.measurement, store.measurement_revision")
        rng = np.random.default_rng(seed)
        rows, in_order = log(rng)
        counts: Counter[str] = Counter()
        begin = 0
        while begin < READINGS:
            end = begin + int(rng.integers(1, 700))
            counts += write(connection, rows[begin:end], in_order[begin:end])
            begin = end
        model = Model.of(rows)
        assert counts == model.counts, f"seed {seed}"
        assert tables(connection) == (model.current, model.revisions), f"seed {seed}"
        for part in (slice(None), slice(READINGS // 3, None), slice(None, READINGS // 2)):
            again = write(connection, rows[part], np.zeros(len(rows[part]), bool))
            assert again["duplicate"] == len(rows[part]), f"seed {seed}"
        assert tables(connection) == (model.current, model.revisions), f"seed {seed}"


@pytest.mark.integration
def test_two_sinks_that_correct_the_same_keys_lose_no_version(tables: Settings, connection: psycopg.Connection) -> None:
    from concurrent.futures import ThreadPoolExecutor

    Months().ensure(connection, {(2026, 1)})
    keys, rounds = 200, 8

    def sink(source: int) -> None:
        with connect(tables, role=Role.SINK, autocommit=True) as own:
            measurement.prepare(own)
            for number in range(rounds):
                rows = np.zeros(keys, ROW)
                rows["sensor_id"] = np.arange(keys)
                rows["ts"], rows["source"] = BASE_US, source
                rows["value"] = rows["known_at"] = BASE_US + number * 10 + source
                rows["off"] = number * keys + np.arange(keys)
                write(own, rows, np.zeros(keys, bool))

    with ThreadPoolExecutor() as pool:
        list(pool.map(sink, (1, 2)))
    counts = connection.execute("select (select count(*) from store.measurement), count(*) from store.measurement_revision").fetchall()
    assert counts == [(keys, keys * (2 * rounds - 1))]
    assert connection.execute("select distinct source, value from store.measurement").fetchall() == [(2, BASE_US + (rounds - 1) * 10 + 2)]
