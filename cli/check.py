"""maint check: what the platform makes of a message, and what its sender should change."""

import sys
from collections import Counter
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from cli.output import AsJson, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas.codec import Resolve
    from schemas.diagnosis import Diagnosis, Message
    from schemas.manifest import Schema
    from settings import Settings

Place: TypeAlias = dict[str, int]  # partition and offset; empty for a file

EXAMPLES = """Examples:

  maint check reading.bin --key pump-7 --partition 3     one value from a file

  kcat -C -t readings.raw.v1 -c 1 -D '' | maint check -  one value from standard input

  maint check --topic readings.raw.v1 --last 100         the newest of a topic
"""


def check(  # noqa: PLR0913, PLR0917  a command's options are its interface
    file: Annotated[str, typer.Argument(help="File with one value, - for standard input.")] = "",
    topic: Annotated[str, typer.Option(help="Topic whose newest records are looked at; with a file: whose records are expected.")] = "",
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many records of the topic.")] = 20,
    key: Annotated[str | None, typer.Option(help="Key the value was sent with; empty: none.")] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="Partition the value stands in.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the platform makes of a message or of a topic's newest ones. Exit code 1 if any of them is refused."""
    from schemas.diagnosis import diagnose
    from settings import load

    settings = load()
    if not file and not topic:
        raise SystemExit("check: name a file, - for standard input, or --topic")
    with _resolving(settings) as resolve:
        places = [({}, _from_file(settings, file, key, partition))] if file else _from_topic(settings, topic, last)
        expected = _expected(topic.removeprefix(settings.namespace))
        found = [(place, diagnose(message, expected=expected, resolve=resolve)) for place, message in places]
    if as_json:
        print_json([_document(place, diagnosis) for place, diagnosis in found])
    else:
        _print(found, key_unknown=bool(file) and key is None)
    if any(diagnosis.outcome == "refused" for _, diagnosis in found):
        raise typer.Exit(1)


def _from_file(settings: "Settings", file: str, key: str | None, partition: int | None) -> "Message":
    from schemas.diagnosis import Message

    try:
        value = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise SystemExit(f"check: {file}: {error.strerror}") from None
    encoded = key.encode() if key else None
    return Message(value, encoded, keyed=key is not None, partition=partition, partitions=settings.partitions)


def _from_topic(settings: "Settings", topic: str, count: int) -> "list[tuple[Place, Message]]":
    from cli.tail import last

    records = last(settings, settings.topic(topic.removeprefix(settings.namespace)), count)
    return [({"partition": partition, "offset": offset}, message) for partition, offset, message in records]


def _expected(topic: str) -> "Sequence[str]":
    from streams.topics import BY_NAME

    return BY_NAME[topic].schema.split(", ") if topic in BY_NAME else ("Reading", "Frame", "Mark")


@contextmanager
def _resolving(settings: "Settings") -> "Iterator[Resolve | None]":
    """Asks the registry for foreign schemas and waits for it: a person does, the data path does not."""
    from schemas.codec import PENDING
    from schemas.registry import Away, Found, Registry

    if not settings.schema_registry_url:
        yield None
        return
    with Registry(settings.schema_registry_url) as registry:

        @cache
        def resolve(schema_id: int) -> "Schema | None":
            answer = registry.schema(schema_id)
            if isinstance(answer, Away):
                return PENDING
            return answer.schema if isinstance(answer, Found) else None

        yield resolve


def _document(place: Place, diagnosis: "Diagnosis") -> dict[str, Any]:
    findings = [{"reason": item.reason, "detail": item.detail, "remedy": item.remedy} for item in diagnosis.findings]
    record = {name: repr(value) if isinstance(value, bytes) else value for name, value in (diagnosis.record or {}).items()}
    return {**place, "outcome": diagnosis.outcome, "name": diagnosis.name, "record": record or None, "findings": findings}


def _print(found: "list[tuple[Place, Diagnosis]]", *, key_unknown: bool) -> None:
    """Lines, not a table: no remedy may be cut off."""
    for place, diagnosis in found:
        where = " ".join(f"{name} {number}" for name, number in place.items()) or "message"
        for item in diagnosis.findings:
            typer.echo(f"{where}: {item.reason or 'stored'}: {item.detail}\n  remedy: {item.remedy}")
    if found and key_unknown:
        typer.echo("the key was not checked: give it with --key")
    counts = Counter(diagnosis.outcome for _, diagnosis in found)
    typer.echo(", ".join(f"{counts[word]} {word}" for word in ("accepted", "doubtful", "refused")))
