"""How the demo looks: panels on a terminal, plain lines elsewhere. Pure: figures in, something printable out."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from cli.look import Look
    from simulator.truth import Truth

EPISODES_MAX = 12
SENSORS_MAX = 3


def line(look: "Look", seconds: float) -> str:
    """One line of figures."""
    rejected = ", ".join(f"{reason} {count}" for reason, count in look.rejections.items()) or "none"
    opened = [f"{item['asset']} {item['subject']} {item['kind']}" for item in look.episodes if item["open"]]
    return (
        f"{seconds:6.1f} s  in {look.in_per_s:.0f}/s  stored {look.stored_per_s:.0f}/s  in flight {look.balance.in_flight}  "
        f"p50 {_seconds(look.p50_s)}  p99 {_seconds(look.p99_s)}  rejected: {rejected}  "
        f"ledger {'balanced' if look.balance.balanced else 'NOT BALANCED'}  open: {'; '.join(opened) or 'none'}"
    )


def panels(look: "Look", truths: Sequence["Truth"], *, title: str, notes: Sequence[str]) -> RenderableType:
    """The whole view.

    Args:
        look: figures.
        truths: faults that have begun, to say beside an episode whether it is one of them.
        title: what happens now and for how long.
        notes: how to reach database and dashboards.
    """
    return Group(
        Panel(_figures(look), title=Text(title, style="bold"), title_align="left"),
        Panel(_episodes(look.episodes, truths), title="open episodes", title_align="left"),
        Panel(Text("\n".join(notes)), title="look for yourself", title_align="left", style="dim"),
    )


def checked(rows: Iterable[tuple["Truth", float | None, float | None]]) -> Table:
    """The truth beside what was found.

    Args:
        rows: fault, seconds from its begin to the reading that gave it away, and until an open episode was seen in the
            database; None: never.
    """
    table = Table(title="simulated faults, and when an episode named them", title_justify="left", box=None, padding=(0, 2))
    for name in ("asset", "sensor", "fault", "in doubt", "given away after", "seen open after"):
        table.add_column(name)
    for truth, noticed, seen in rows:
        times = (Text("never", "yellow") if value is None else Text(f"{value:.1f} s", "green") for value in (noticed, seen))
        table.add_row(*map(Text, (truth.asset, truth.sensor or "", truth.kind, truth.subject)), *times)
    return table


def _figures(look: "Look") -> Table:
    total = look.balance
    table = Table.grid(padding=(0, 3))
    table.add_row("readings in", f"[bold]{look.in_per_s:,.0f}[/]/s", "rows stored", f"[bold]{look.stored_per_s:,.0f}[/]/s")
    table.add_row("in flight", f"{total.in_flight:,}", "Kafka to row", f"p50 {_seconds(look.p50_s)}, p99 {_seconds(look.p99_s)}")
    state = Text("balanced", "green") if total.balanced else Text(f"not balanced: {'; '.join(total.problems)}", "red")
    outcomes = ("stored", "duplicate", "corrected", "rejected", "mark", "in_flight")
    parts = " + ".join(f"{getattr(total, name):,} {name}" for name in outcomes if getattr(total, name))
    rejected = ", ".join(f"{reason} {count}" for reason, count in look.rejections.items())
    grid = Table.grid()
    grid.add_row(table)
    grid.add_row(Text(f"ledger: {total.received:,} received = {parts or 0} → ") + state)
    grid.add_row(Text(f"rejected: {rejected or 'none'}"))
    return grid


def _episodes(episodes: Sequence[dict[str, Any]], truths: Sequence["Truth"]) -> RenderableType:
    from simulator.truth import found

    opened = [item for item in episodes if item["open"]]
    if not opened:
        return "none yet"
    table = Table(box=None, padding=(0, 2))
    for name in ("asset", "in doubt", "kind", "severity", "surprise", "sensors", "simulated"):
        table.add_column(name)
    for item in opened[:EPISODES_MAX]:
        named = [truth.kind for truth in truths if found(truth, [item])]
        surprise = "" if item["surprise"] is None else f"{item['surprise']:.1f}"
        cells = (item["asset"], item["subject"], item["kind"], str(item["severity"]), surprise, _sensors(item), ", ".join(named) or "?")
        table.add_row(*map(Text, cells))
    if len(opened) > EPISODES_MAX:
        table.add_row(f"and {len(opened) - EPISODES_MAX} more")
    return table


def _sensors(item: dict[str, Any]) -> str:
    names = [str(name).removeprefix(f"{item['asset']}.") for name in item["sensors"]]
    return ", ".join(names[:SENSORS_MAX]) + (f" +{len(names) - SENSORS_MAX}" if len(names) > SENSORS_MAX else "")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"  # noqa: RUF001  a dash in a table
