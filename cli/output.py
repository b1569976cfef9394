"""How commands print: a table for people, one JSON document for programs."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from report import finding

if TYPE_CHECKING:
    from rich.console import Console

PIPED: Final = 1000  # columns where no terminal says how many there are
PROSE: Final = 28  # columns of a sentence in a table
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
    from rich.table import Table

    table = Table(title=title or None)
    for name in rows[0]:
        table.add_column(str(name), overflow="fold")  # an id that is cut is no id
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console(PIPED).print(table)


def console(piped: int) -> "Console":
    """Where tables go: as wide as the terminal, else `piped` columns. Brackets and colons of ids and texts are no markup."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else piped, markup=False, emoji=False)


def figure(value: float | None) -> str | None:
    """As `report.finding.figure`; no figure stays none."""
    return None if value is None else finding.figure(value)


def figures(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its figures for people; what is no fraction stays.

    >>> figures({"n": 5, "share": 0.66666, "accepted": True})
    {'n': 5, 'share': '0.667', 'accepted': True}
    """
    return {name: figure(value) if isinstance(value, float) else value for name, value in row.items()}


def prose(text: str) -> str:
    r"""A sentence over as many lines as a table needs to stay narrow.

    >>> prose("one sensor has sent nothing at all since the pump was moved")
    'one sensor has sent nothing\nat all since the pump was\nmoved'
    """
    return textwrap.fill(text, PROSE, break_long_words=False, break_on_hyphens=False)
