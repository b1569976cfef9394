"""How commands print: a table for people, one JSON document for programs."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

PIPED: Final = 1000  # columns where no terminal says how many there are
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Write over a sheet that is there.")]


def print_json(data: object) -> None:
    """One JSON document on standard output."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    typer.echo(orjson.dumps(data, default=str, option=options).decode())


def untouched(path: Path, *, overwrite: bool) -> None:
    """End the command rather than write over a file that a person may have filled in."""
    if not overwrite and path.exists() and path.stat().st_size:
        raise SystemExit(f"maint: {path} exists: name another file, or write over it with --overwrite")


def print_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool, title: str = "", empty: str = "nothing found") -> None:
    """Rows as a table or a JSON array; says so when there are none."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        typer.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None)
    for name in rows[0]:
        table.add_column(str(name), overflow="fold")  # an id that is cut is no id
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else PIPED).print(table)
