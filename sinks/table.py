"""The sink of an ordinary topic: each record becomes rows with a natural key, and a second copy changes nothing.

That alone makes it exact: no watermark drops a record here, because a record that was lost on its way and is sent again later
has an older origin than those that followed it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from schemas import codec
from schemas.codec import Undecodable
from schemas.manifest import released
from settings import Settings
from sinks import positions
from sinks import record as asides
from sinks.errors import Poison, classify
from sinks.names import text
from sinks.record import Aside, Record
from sinks.rows import HEAD, TAIL, when
from telemetry.metrics import SINK_ROWS

MARKS: Final = tuple(codec.frame(entry.id) for entry in released("Mark"))  # they travel in topics of agents and are no rows


class Bulk:
    """An insert of rows in PostgreSQL's binary form: they are sent by COPY to a temporary table, and from there inserted as one.

    Args:
        table: where they belong.
        stage: name of the temporary table.
        columns: in the order of the row.
    """

    def __init__(self, table: str, stage: str, columns: Sequence[str]) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        self.prepare = f"create temp table if not exists {stage} (like {table}) with (toast_tuple_target = 8160) on commit delete rows"
        self.copy = f"copy pg_temp.{stage} ({names}) from stdin (format binary)"
        self.insert = f"""with moved as (delete from pg_temp.{stage} returning *)
          insert into {table} ({names}) select {names} from moved on conflict do nothing"""

    def run(self, cursor: psycopg.Cursor, rows: Iterable[bytes]) -> int:
        """Insert rows; returns how many were new."""
        cursor.execute(self.prepare)
        with cursor.copy(self.copy) as sink:
            sink.write(b"".join((HEAD, *rows, TAIL)))
        return cursor.execute(self.insert).rowcount


Statement = tuple[str | Bulk, dict[str, Any]]  # SQL with named values, or a bulk insert with one `row`


@dataclass(frozen=True, slots=True)
class Table:
    """What a topic's records become. `rows` gives the statements of one decoded record, the counted one first; none: no row."""

    topic: str
    schema: str
    name: str
    rows: Callable[[Mapping[str, Any]], Iterable[Statement]]


class TableSink:
    """Writes one topic; call `load` on assignment and after any error, then `write` in the order of the log."""

    def __init__(self, settings: Settings, table: Table) -> None:
        self.name = table.topic
        self.topic = settings.topic(table.topic)
        self._table = table
        self._topic_id = ""
        self._offsets: dict[int, int] = {}

    def load(self, connection: psycopg.Connection, topic_id: str, partitions: Iterable[int]) -> dict[int, int]:
        """Next offset to read by partition.

        Raises:
            Fault: the topic was made anew.
        """
        self._topic_id = topic_id
        self._offsets = positions.load(connection, self.topic, topic_id, partitions)
        return dict(self._offsets)

    def write(self, connection: psycopg.Connection, records: Sequence[Record]) -> dict[int, int]:
        """Store records in one transaction; returns the stored positions.

        Raises:
            Stale: somebody else moved a position; load again.
            Fault, psycopg.Error: nothing was stored; load again.
        """
        if not records:
            return {}
        good, bad = self._prepare(records)
        moved = {record.partition: record.offset + 1 for record in records}
        try:
            self._attempt(connection, good, bad, moved)
        except psycopg.Error as error:
            if not isinstance(classify(error), Poison):
                raise
            self._attempt(connection, good, bad, moved, one_by_one=True)
        self._offsets |= moved
        return moved

    def _prepare(self, records: Sequence[Record]) -> tuple[list[tuple[Record, list[Statement]]], list[Aside]]:
        good, bad = [], []
        for record in records:
            if record.value is None or record.value.startswith(MARKS):
                continue
            try:
                good.append((record, list(self._rows(record.value))))
            except (Poison, OverflowError, ValueError) as problem:
                bad.append(Aside(record, str(problem)))
        return good, bad

    def _rows(self, value: bytes) -> Iterator[Statement]:
        decoded = codec.decode(value)
        if isinstance(decoded, Undecodable):
            raise Poison(f"{decoded.reason}: {decoded.detail}")
        if decoded.name != self._table.schema:
            raise Poison(f"a {decoded.name} in a topic of {self._table.schema}")
        for statement, values in self._table.rows(decoded.record):
            yield statement, {name: text(given) if isinstance(given, str) else given for name, given in values.items()}

    def _attempt(
        self,
        connection: psycopg.Connection,
        good: list[tuple[Record, list[Statement]]],
        bad: list[Aside],
        moved: dict[int, int],
        *,
        one_by_one: bool = False,
    ) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            positions.lock(cursor, self.topic, {partition: self._offsets[partition] for partition in moved})
            stored, refused = write_each(cursor, good) if one_by_one else (write_all(cursor, good), [])
            asides.keep(cursor, self.topic, self._topic_id, [*bad, *refused])
            positions.advance(cursor, self.topic, moved)
        SINK_ROWS.labels(self._table.name, "stored").inc(stored)
        SINK_ROWS.labels(self._table.name, "duplicate").inc(len(good) - len(refused) - stored)


def write_all(cursor: psycopg.Cursor, good: list[tuple[Record, list[Statement]]]) -> int:
    """Write everything, statement by statement; returns how many records were new."""
    batches: dict[str | Bulk, list[dict[str, Any]]] = defaultdict(list)
    counted = {statements[0][0] for _, statements in good if statements}
    for _, statements in good:
        for statement, values in statements:
            batches[statement].append(values)
    stored = 0
    for statement, many in batches.items():
        new = run(cursor, statement, many)
        stored += new if statement in counted else 0
    return stored


def write_each(cursor: psycopg.Cursor, good: list[tuple[Record, list[Statement]]]) -> tuple[int, list[Aside]]:
    """Write record by record; returns how many were new, and those the database refuses."""
    stored, refused = 0, []
    for record, statements in good:
        try:
            with cursor.connection.transaction():
                for number, (statement, values) in enumerate(statements):
                    new = run(cursor, statement, [values])
                    stored += new if number == 0 else 0
        except psycopg.Error as error:
            problem = classify(error)
            if not isinstance(problem, Poison):
                raise
            refused.append(Aside(record, str(problem)))
    return stored, refused


def run(cursor: psycopg.Cursor, statement: str | Bulk, many: list[dict[str, Any]]) -> int:
    """Run a statement for each set of values; returns how many rows it changed."""
    if isinstance(statement, Bulk):
        return statement.run(cursor, (values["row"] for values in many))
    cursor.executemany(statement, many)
    return cursor.rowcount


def insert(table: str, columns: Sequence[str], then: str = "on conflict do nothing") -> str:
    """An INSERT with named values.

    >>> insert("t", ["a", "b"])
    'insert into t ("a", "b") values (%(a)s, %(b)s) on conflict do nothing'
    """
    names = ", ".join(f'"{column}"' for column in columns)
    return f"insert into {table} ({names}) values ({', '.join(f'%({column})s' for column in columns)}) {then}"


def origin(record: Mapping[str, Any]) -> dict[str, Any]:
    """Key columns of a derived record: where the input that caused it stood."""
    cause = record["origin"]
    return {"topic_id": cause["topic_id"], "partition": cause["partition"], "off": cause["offset"], "nth": cause["nth"]}


def times(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Times of a record for psycopg; null stays null."""
    return {name: None if record[name] is None else when(record[name]) for name in names}
