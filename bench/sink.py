"""How many rows a second one sink writes, and what a row costs it: blocks as the data plane makes them, without Kafka.

    python -m bench.sink                 the database of the instance, in a schema of its own database `bench_sink`
    BENCH_JSON=FILE python -m bench.sink

Cases: readings in order, 10 % late, all repeated. Client cost is CPU of this process, with decoding; server cost that of the
processes behind its sessions, which work side by side.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from processors.outcome import Flag
from schemas import codec
from settings import Settings, load
from sinks import measurement, rollups
from sinks.lanes import SESSIONS, Lanes
from sinks.record import Record
from store import migrate
from store.database import Role, address, connect

DATABASE: Final = "bench_sink"
PARTITIONS: Final = 8
SENSORS: Final = 1000
BLOCK_ROWS: Final = 2000
ROWS: Final = 1_000_000
BASE_US: Final = 1_767_225_600_000_000
PERIOD_US: Final = 1_000_000
SESSIONS_OPEN: Final = "select pid from pg_stat_activity where datname = current_database() and application_name = %s"


@dataclass(frozen=True, slots=True)
class Result:
    """One case: rows/s, CPU of client and server per row (microseconds), seconds of a batch, which is a transaction in each session."""

    case: str
    rows_s: int
    client_us: float
    server_us: float
    batch_p50_s: float
    batch_p99_s: float


class Log:
    """Blocks of every partition, as one continuous log."""

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self._next = [0] * PARTITIONS
        self._records = [0] * PARTITIONS
        self._rows = [0] * PARTITIONS

    def blocks(self, rows: int, *, late: float = 0.0, again: bool = False) -> Iterator[list[Record]]:
        """Batches of SESSIONS blocks per partition; `again` repeats the readings from the first on, under new offsets."""
        if again:
            self._rows = [0] * PARTITIONS
        for _ in range(rows // (BLOCK_ROWS * PARTITIONS * SESSIONS)):
            yield [self._block(partition, late, again=again) for _ in range(SESSIONS) for partition in range(PARTITIONS)]

    def _block(self, partition: int, late: float, *, again: bool) -> Record:
        n = np.arange(self._rows[partition], self._rows[partition] + BLOCK_ROWS)
        here = SENSORS // PARTITIONS
        ts = BASE_US + n // here * PERIOD_US + n % here
        flags = np.full(BLOCK_ROWS, Flag.LATE if again else 0)
        moved = self._random.random(BLOCK_ROWS) < late
        ts[moved] -= self._random.integers(1, 3600, int(moved.sum())) * PERIOD_US + 500_000
        flags[moved] = Flag.LATE
        start = self._next[partition]
        columns = {"sensor_u2": n % here, "flags_u2": flags, "ts_i8": ts, "value_f8": np.round(50 + np.sin(n / 1e4), 3)}
        record = self._record(partition, start, columns)
        self._rows[partition] += BLOCK_ROWS
        self._next[partition] += BLOCK_ROWS
        self._records[partition] += 1
        return Record(partition, self._records[partition] - 1, None, codec.encode("ScoredBlock", record))

    @staticmethod
    def _record(partition: int, start: int, columns: dict[str, Any]) -> dict[str, Any]:
        known_at = BASE_US + (start // BLOCK_ROWS) * 100_000 + np.zeros(BLOCK_ROWS, np.int64)
        packed = {name: column.astype("<" + name.rsplit("_", 1)[1]).tobytes() for name, column in columns.items()}
        names = [
            {"sensor_id": f"line{partition}.tag{n}", "asset_id": f"asset{partition}", "quantity": "general", "state": "monitored"}
            for n in range(SENSORS // PARTITIONS)
        ]
        minute = int(known_at[0]) // 60_000_000 * 60_000_000
        return packed | {
            "topic": "readings.raw.v1",
            "topic_id": "bench",
            "partition": partition,
            "start": start,
            "end": start + BLOCK_ROWS,
            "voids": [],
            "expired": [],
            "sensors": names,
            "counts": [{"minute": minute, "received": BLOCK_ROWS, "rejected": 0, "mark": 0, "late": 0}],
            "rows": BLOCK_ROWS,
            "offset_u4": np.arange(BLOCK_ROWS, dtype="<u4").tobytes(),
            "known_at_i8": known_at.astype("<i8").tobytes(),
            "status_u4": bytes(4 * BLOCK_ROWS),
            "score_f4": np.ones(BLOCK_ROWS, "<f4").tobytes(),
            "rejected_u4": b"",
            "kernel": "bench",
        }


def backends_s(connection: psycopg.Connection) -> float:
    """CPU seconds of the server's processes behind all sessions of the sink; NaN when they are not on this machine."""
    paths = [Path(f"/proc/{pid}/stat") for (pid,) in connection.execute(SESSIONS_OPEN, (f"maint-{Role.SINK}",)).fetchall()]
    if not all(path.exists() for path in paths):
        return float("nan")
    fields = [path.read_text(encoding="ascii").rsplit(")", 1)[1].split() for path in paths]
    return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def measure(case: str, sink: Lanes, connection: psycopg.Connection, batches: Iterator[list[Record]]) -> Result:
    """Write the batches; building them is not counted."""
    seconds, client_s, rows = [], 0.0, 0
    server_s = backends_s(connection)
    for batch in batches:
        cpu, begin = time.process_time(), time.perf_counter()
        sink.write(connection, batch)
        seconds.append(time.perf_counter() - begin)
        client_s += time.process_time() - cpu
        rows += BLOCK_ROWS * len(batch)
    per_row = 1e6 / rows
    p50, p99 = (round(float(value), 4) for value in np.quantile(seconds, (0.5, 0.99)))
    server_us = round((backends_s(connection) - server_s) * per_row, 2)
    return Result(case, round(rows / sum(seconds)), round(client_s * per_row, 2), server_us, p50, p99)


def fresh(settings: Settings) -> Settings:
    """The settings with an empty database of its own on the same server."""
    with connect(settings, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
    own = settings.model_copy(update={"database_url": SecretStr(make_conninfo(address(settings), dbname=DATABASE))})
    migrate.upgrade(own)
    return own


def run(settings: Settings) -> list[Result]:
    """All cases on a fresh database."""
    log, own = Log(), fresh(settings)
    sink = Lanes(own)
    with closing(sink), connect(own, role=Role.SINK, autocommit=True) as connection:
        measurement.prepare(connection)
        sink.load(connection, "bench", range(PARTITIONS))
        measure("warm", sink, connection, log.blocks(200_000))
        found = [
            measure("in order", sink, connection, log.blocks(ROWS)),
            measure("10 % late", sink, connection, log.blocks(ROWS // 2, late=0.1)),
        ]
        begin = time.perf_counter()
        hours = rollups.refresh(connection)
        print(f"rollups of {hours} sensor hours: {time.perf_counter() - begin:.1f} s")
        return [*found, measure("all repeated", sink, connection, log.blocks(ROWS // 2, again=True))]


def main() -> None:
    """Print the table; write it to BENCH_JSON too."""
    found = run(load())
    for result in found:
        print(
            f"{result.case:14s} {result.rows_s:>9,} rows/s   client {result.client_us:.2f} us/row   server {result.server_us:.2f} us/row   "
            f"transaction p50 {result.batch_p50_s * 1e3:.0f} ms p99 {result.batch_p99_s * 1e3:.0f} ms"
        )
    target = os.environ.get("BENCH_JSON")
    if target:
        Path(target).write_bytes(orjson.dumps({"sink": [asdict(result) for result in found]}, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
