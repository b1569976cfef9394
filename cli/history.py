"""maint predictions history: the plant's own failures, as the chances of failure need them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli import moment
from cli.output import AsJson, print_json, print_rows, prose
from cli.progress import complain

if TYPE_CHECKING:
    from report.past import Counted

NAMED_MAX: Final = 10
UNCHANGED: Final = "no failure in the file: what was known stays"
EXAMPLES: Final = """Examples:

  maint predictions history failures.csv --from 2024-01-01 --to 2026-01-01

  maint predictions history sap.csv --from 2024-01-01 --to 2026-01-01 --asset-column Equipment --at-column Begin --tz Europe/Zurich \
--time-format '%d.%m.%Y %H:%M'

The file holds failures only, one a line, of a whole class or of several: asset, time, and a mode or text if there is one. The period is
the one in which every failure was written down, also before the first one and behind the last one: counted from the first failure, a
class would seem worse than it is.
"""

Table = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV: asset, time, mode or text of each failure.")]
Begin = Annotated[datetime, typer.Option("--from", formats=moment.FORMATS, help="Begin of the period of the file; UTC unless it says so.")]
End = Annotated[datetime, typer.Option("--to", formats=moment.FORMATS, help="End of that period.")]


def history(  # noqa: PLR0913, PLR0917  a command's options are its interface
    file: Table,
    begin: Begin,
    end: End,
    asset_column: Annotated[str | None, typer.Option(help="Column of the asset (default: one of the usual names).")] = None,
    at_column: Annotated[str | None, typer.Option(help="Column of the time of the failure.")] = None,
    mode_column: Annotated[str | None, typer.Option(help="Column of the mode or text: failures are counted by it, too.")] = None,
    zone: Annotated[str, typer.Option("--tz", help="Time zone of times without an offset (IANA name).")] = "UTC",
    time_format: Annotated[str, typer.Option(help="iso, s, ms, us (since 1970), or a strptime pattern.")] = "iso",
    as_json: AsJson = False,
) -> None:
    """Load the plant's own failures: from them the live chances of failure follow where no model states any."""
    from cli import mapping, orders

    period = moment.past(begin, end, datetime.now(UTC))
    named = {"asset": asset_column, "at": at_column, "mode": mode_column}
    clock = mapping.clock(zone, time_format, "refuse", "first")
    with complain():
        failures, repeated = orders.read(file, {key: name for key, name in named.items() if name}, clock)
    found = _load(failures, period, file.name)
    result = _told(found, period, repeated)
    if as_json:
        print_json(result)
    else:
        _show(result)


def _load(failures: "list[Any]", period: tuple[datetime, datetime], source: str) -> "Counted":
    """Count by the classes of the catalogue, and store the classes that failed.

    Raises:
        SystemExit: none did; nothing is stored.
    """
    from cli.database import reading
    from report.past import Asset, count
    from store import look, past

    begin, end = period
    with reading() as connection:
        assets = {row["asset"]: Asset(row["class"], row["gone"]) for row in look.rows(connection, past.ASSETS)}
        found = count(failures, assets, (round(begin.timestamp() * 1e6), round(end.timestamp() * 1e6)))
        failed = {kind: each for kind, each in found.classes.items() if each[1].failures}
        if not failed:
            raise SystemExit(f"history: {_nothing(found)}; nothing was stored")
        shared = {"begin": begin, "end": end, "source": source}
        past.keep(
            connection,
            [
                {"class": kind, "assets": number, "failures": known.failures, "machine_days": known.machine_days, **shared}
                for kind, (number, known) in failed.items()
            ],
        )
    return found


def _nothing(found: "Counted") -> str:
    """Why no failure counts."""
    if not found.classes:
        return "no asset of the catalogue has a class; see `maint catalogue --help`"
    told = "; ".join(_left_out(found)[:NAMED_MAX])
    return f"no failure counts: {told or f'{found.outside} lie outside the period'}"


def _left_out(found: "Counted") -> list[str]:
    return [f"{asset} {reason}" for asset, reason in found.left_out]


def _told(found: "Counted", period: tuple[datetime, datetime], repeated: int) -> dict[str, Any]:
    """What was counted, what was not, and which classes have a hazard now."""
    from processors.hazard import lacking

    classes = [
        {
            "class": kind,
            "assets": number,
            "failures": known.failures,
            "machine_days": known.machine_days,
            "stored": known.failures > 0,
            "enough": not lacking(known),
            "reason": lacking(known) if known.failures else UNCHANGED,
        }
        for kind, (number, known) in found.classes.items()
    ]
    return {
        "begin": period[0].isoformat(),
        "end": period[1].isoformat(),
        "classes": classes,
        "modes": [{"class": kind, "mode": mode, "failures": number} for (kind, mode), number in found.modes.items()],
        "left_out": [{"asset": asset, "reason": reason, "failures": number} for (asset, reason), number in found.left_out.items()],
        "failures_outside": found.outside,
        "repeated": repeated + found.repeated,
    }


def _show(result: dict[str, Any]) -> None:
    print_rows([_short(row) for row in result["classes"]], as_json=False, title="failures by class")
    modes = [{**row, "mode": prose(row["mode"])} for row in result["modes"]]
    if any(row["mode"] for row in modes):
        print_rows(modes, as_json=False, title="failures by mode")
    if result["left_out"]:
        named = [f"{row['asset']} ({row['failures']}, {row['reason']})" for row in result["left_out"]]
        more = f" and {len(named) - NAMED_MAX} more; --json lists all" if len(named) > NAMED_MAX else ""
        typer.echo(f"not counted: {', '.join(named[:NAMED_MAX])}{more}; is the name another one here? see `maint catalogue export`")
    typer.echo(f"outside the period: {result['failures_outside']} failures; {result['repeated']} repeat another")


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A class for people."""
    return {
        "class": row["class"],
        "assets": row["assets"],
        "failures": row["failures"],
        "machine days": f"{row['machine_days']:.0f}",
        "days a failure": f"{row['machine_days'] / row['failures']:.0f}" if row["failures"] else None,
        "chances of failure": "stated" if row["enough"] else f"not stated: {row['reason']}" if row["stored"] else row["reason"],
    }
