"""maint rejections: refused records, why, and once more."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.database import reading
from cli.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    import psycopg

app = typer.Typer(no_args_is_help=True, help="Refused records: list, show, replay. Example: maint rejections list")

Topic = Annotated[str, typer.Option(help="Input topic: the same partition and offset may be refused in several.")]
Reason = Annotated[str, typer.Option(help="Only this reason, e.g. unknown_schema.")]


@app.command("list")
def show_all(
    reason: Reason = "",
    summary: Annotated[bool, typer.Option("--summary", help="Count by topic and reason.")] = False,
    include_replayed: Annotated[bool, typer.Option("--all", help="Also those that were replayed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Refused records, newest first.

    Examples: maint rejections list --summary ; maint rejections list --reason wrong_key --json
    """
    from store import look

    values = {"reason": reason, "all": include_replayed, "limit": limit}
    with reading() as connection:
        found = look.rows(connection, look.REASONS) if summary else look.rows(connection, look.REJECTIONS, values)
    print_rows(found, as_json=as_json, title="refused records", empty="nothing was refused")


@app.command()
def show(
    partition: Annotated[int, typer.Argument(help="Partition of the input topic.")],
    offset: Annotated[int, typer.Argument(help="Offset in it.")],
    topic: Topic = "",
    as_json: AsJson = False,
) -> None:
    """One refused record: reason, remedy, bytes, and its fields if they can be read.

    Examples: maint rejections show 3 120045 ; maint rejections show 3 120045 --topic frames.raw.v1
    """
    with reading() as connection:
        found = _of_one_topic(connection, topic, partition, offset)
    if not found:
        where = f"partition {partition} offset {offset}" + (f" of topic {topic}" if topic else "")
        raise SystemExit(f"nothing was refused at {where}: see `maint rejections list`")
    shown = [readable(row) for row in found]
    if as_json:
        print_json(shown if len(shown) > 1 else shown[0])
        return
    for row in shown:
        print_rows([{"": name, "value": value} for name, value in row.items() if value is not None], as_json=False, title="refused record")


def _of_one_topic(connection: "psycopg.Connection", topic: str, partition: int, offset: int) -> list[dict[str, Any]]:
    """The records at a place; ends the command where it is one of several topics."""
    from store import look

    found = look.rows(connection, look.REJECTION, {"topic": topic, "partition": partition, "offset": offset})
    topics = sorted({row["topic"] for row in found})
    if len(topics) > 1:
        raise SystemExit(f"partition {partition} offset {offset} was refused in {', '.join(topics)}: name one with --topic")
    return found


def readable(row: dict[str, Any]) -> dict[str, Any]:
    """Bytes in hexadecimal, with the decoded fields beside them where there are any."""
    from schemas import codec

    decoded = codec.decode(row["value"])
    fields = decoded.record if isinstance(decoded, codec.Decoded) else None
    key = None if row["key"] is None else row["key"].decode("utf-8", "backslashreplace")
    return {**row, "key": key, "value": row["value"].hex(" "), "fields": fields}


@app.command()
def replay(  # noqa: PLR0913, PLR0917  a parameter is an option of the command
    reason: Reason = "",
    topic: Annotated[str, typer.Option(help="Only this input topic.")] = "",
    partition: Annotated[int | None, typer.Option(help="Only this partition.")] = None,
    offset: Annotated[int | None, typer.Option(help="Only this offset.")] = None,
    fields: Annotated[list[str] | None, typer.Option("--set", help="field=value (JSON), repeatable: send a repaired version.")] = None,
    key: Annotated[str | None, typer.Option(help="Send with this key.")] = None,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Send the bytes of this file instead.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Records at most.")] = 1_000_000,
    unconfirmed: Annotated[bool, typer.Option("--unconfirmed", help="Also those whose earlier replay was not confirmed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send refused records once more to the topic they came from, each once.

    A replay that is interrupted between sending and confirming leaves records `unconfirmed`: nobody knows whether they arrived.
    With --unconfirmed they are sent again; a second copy ends as a duplicate, never as a second measurement.

    Examples: maint rejections replay --reason unknown_schema ; maint rejections replay --partition 3 --offset 120045 --set value=1.5
    """
    from settings import load
    from sinks.repair import Repair, Unrepairable, assignment
    from sinks.replay import Busy, Replay, Selection

    if (file or key is not None) and (partition is None or offset is None):
        raise SystemExit("--key and --file replace one record: name it with --partition and --offset")
    try:
        repair = Repair(
            dict(map(assignment, fields or [])), None if key is None else key.encode(), None if file is None else file.read_bytes()
        )
        with reading() as connection:
            if partition is not None and offset is not None:
                _of_one_topic(connection, topic, partition, offset)
            found = Replay(load(), connection).run(
                Selection(reason, topic, partition, offset), repair, limit=limit, unconfirmed=unconfirmed
            )
    except (Unrepairable, Busy) as problem:
        raise SystemExit(str(problem)) from None
    report(found, as_json=as_json)


def report(found: Any, *, as_json: bool) -> None:  # noqa: ANN401  sinks.replay is imported when a command runs
    """Say what was sent and what was not; exit code 1 when something could not be."""
    from dataclasses import asdict

    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(f"{found.sent} sent")
        for n, text in (
            (found.failed, "could not be repaired"),
            (found.unconfirmed, "unconfirmed: --unconfirmed sends them again"),
            (found.truncated, "too long: only their first 64 kB are kept"),
        ):
            if n:
                typer.echo(f"{n} {text}")
        for problem in found.problems[:10]:
            typer.echo(f"  {problem}")
    raise typer.Exit(1 if found.failed else 0)
