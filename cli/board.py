"""A live line per service on a terminal; a printed line per change elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

COLOURS = {"running": "green", "stopped": "dim", "failed": "red", "degraded": "yellow", "restarting": "red", "unsupervised": "red"}


class Board:
    """Services with their state and how long it took to reach it."""

    def __init__(self, live: "Live | None") -> None:
        self._live = live
        self._began = time.monotonic()
        self._rows: dict[str, tuple[str, str, float]] = {}

    def report(self, service: str, state: str, detail: str = "") -> None:
        """Note a change; nothing is shown twice."""
        if self._rows.get(service, ("", "", 0.0))[:2] == (state, detail):
            return
        seconds = time.monotonic() - self._began
        self._rows[service] = (state, detail, seconds)
        if self._live is None:
            typer.echo(f"{seconds:6.1f} s  {service:18} {state} {detail}".rstrip(), err=True)
        else:
            self._live.update(self._table())

    def _table(self) -> "Table":
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for service, (state, detail, seconds) in self._rows.items():
            colour = COLOURS.get(state, "cyan")
            table.add_row(Text(service), Text(state, style=colour), Text(f"{seconds:.1f} s", style="dim"), Text(detail))
        return table


@contextmanager
def board() -> Iterator[Board]:
    """A board on standard error for as long as the block runs."""
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Board(None)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield Board(live)
