"""maint baseline: what is healthy for a machine, proposed from a period and accepted by a person."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.moment import FORMATS, past
from cli.output import AsJson, figures, print_json, print_rows, prose
from cli.settled import UNSETTLED, suggested

if TYPE_CHECKING:
    from cli.settled import Found
    from processors.baseline import Proposal


app = typer.Typer(no_args_is_help=True, help="References of healthy machines: propose, accept, show. Example: maint baseline show 'P-10*'")

Assets = Annotated[str, typer.Argument(metavar="ASSETS", help="Names of assets, with * and ?.")]
Begin = Annotated[datetime, typer.Option("--from", formats=FORMATS, help="Begin of a healthy period; UTC unless it says otherwise.")]
End = Annotated[datetime, typer.Option("--to", formats=FORMATS, help="End of the period.")]
Modes = Annotated[list[str] | None, typer.Option("--mode", help="Only this operating mode; repeatable (default: all of the period).")]
SHOWN = """select sensor, mode, normal, spread, sway, readings, "begin", "end", accepted, who, reason, known_at from plant.baseline
  where asset like %s order by 1, 2"""


@app.command()
def propose(  # noqa: PLR0913, PLR0917  a command's options are its interface
    assets: Assets,
    begin: Begin,
    end: End,
    mode: Modes = None,
    provisional: Annotated[bool, typer.Option("--provisional", help="Work with it until a person accepts one: it informs only.")] = False,
    as_json: AsJson = False,
) -> None:
    """What a period suggests as healthy, per sensor and operating mode; and what speaks against it.

    Example: maint baseline propose 'P-10*' --from 2026-03-01 --to 2026-03-15
    """
    found = _asked(suggested(assets, *_period(begin, end)), mode or ())
    if provisional:
        _publish([(row, proposal) for row, proposal, reasons in found if proposal and not reasons], accepted=False, who=None, reason=None)
    _show(_rows(found), as_json=as_json)


@app.command()
def accept(  # noqa: PLR0913, PLR0917  a command's options are its interface
    assets: Assets,
    begin: Begin,
    end: End,
    who: Annotated[str, typer.Option(help="Your name: it is kept with the reference.")],
    mode: Modes = None,
    force: Annotated[str, typer.Option(metavar="REASON", help="Accept what a rule speaks against; the reason is kept.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a period the reference: drift, health and trends are judged against it from now on. It never moves by itself.

    What no rule speaks against is accepted, the rest is refused by name, with the reason.

    Exit code 0: every sensor has a reference now, and refused were at most modes that you did not name with --mode and in which the
    machine was for too short a time. Exit code 1: anything else was refused, or nothing could be accepted.

    Example: maint baseline accept P-101 --from 2026-03-01 --to 2026-03-15 --who 'R. Ortiz'
    """
    found = _asked(suggested(assets, *_period(begin, end)), mode or ())
    _publish([(row, p) for row, p, reasons in found if p and not reasons], accepted=True, who=who, reason=None)
    if force:
        _publish([(row, p) for row, p, reasons in found if p and reasons], accepted=True, who=who, reason=force)
    taken = [bool(proposal and (force or not reasons)) for _, proposal, reasons in found]
    rows = [{**row, "accepted": accepted} for row, accepted in zip(_rows(found), taken, strict=True)]
    _show(rows, as_json=as_json)
    if not as_json and any(taken):
        typer.echo(f"accepted: {', '.join(map(_named, filter(_taken, rows)))}")
    if not all(taken):
        forceable = any(proposal for (_, proposal, _), accepted in zip(found, taken, strict=True) if not accepted)
        remedy = "name a healthy period that is longer or another one" + (", or accept it with --force REASON" if forceable else "")
        refused = "; ".join(f"{_named(row)}: {row['against']}" for row in rows if not _taken(row))
        typer.echo(f"maint: {sum(taken)} of {len(taken)} accepted; refused: {refused}: {remedy}", err=True)
    served = {row["sensor"] for row in rows if _taken(row)}
    excused = [not mode and row["sensor"] in served and _brief(reasons) for row, _, reasons in found]
    if not all(accepted or excuse for accepted, excuse in zip(taken, excused, strict=True)):
        raise typer.Exit(1)


@app.command()
def show(assets: Assets = "*", as_json: AsJson = False) -> None:
    """References in force.

    Example: maint baseline show 'P-10*'
    """
    from cli.database import reading
    from store import look

    with reading() as connection:
        found = look.rows(connection, SHOWN, (look.like(assets),))
    shown = found if as_json else map(_short, found)
    print_rows(list(shown), as_json=as_json, title="references", empty="no reference yet: see `maint baseline propose --help`")


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A reference for people; --json has its sway, readings and times of day, too."""
    named = ("sensor", "mode", "normal", "spread")
    period = " to\n".join(f"{row[name]:%Y-%m-%d}" for name in ("begin", "end") if row[name])
    by = f"{row['who'] or ''}{': ' if row['who'] and row['reason'] else ''}{row['reason'] or ''}"
    known = f"{row['known_at']:%Y-%m-%d}"
    return figures({name: row[name] for name in named}) | {
        "period": period,
        "accepted": known if row["accepted"] else "no",
        "by": prose(by),
    }


def _period(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    from datetime import UTC

    return past(begin, end, datetime.now(UTC))


def _asked(found: "Iterable[Found]", modes: Collection[str]) -> "list[Found]":
    """What was found of the modes that were named; a mode that a sensor was never in is refused by its name.

    >>> row = {"sensor": "P1.temp", "mode": "off"}
    >>> [(row["mode"], reasons) for row, _, reasons in _asked([(row, None, ("too short",))], ["running"])]
    [('running', ('no settled reading in this period',))]
    """
    if not modes:
        return list(found)
    known = {(each[0]["sensor"], each[0]["mode"]): each for each in found}
    sensors = {sensor: each[0] for (sensor, _), each in known.items()}
    wanted = [({**row, "mode": mode}, mode) for row in sensors.values() for mode in dict.fromkeys(modes)]
    return [known.get((row["sensor"], mode), (row, None, (UNSETTLED,))) for row, mode in wanted]


def _brief(reasons: Iterable[str]) -> bool:
    """Whether all that speaks against a period is how short it is.

    >>> _brief(("5.7 h of settled readings, at least 24 h are needed",)), _brief(("12 readings beyond a limit",))
    (True, False)
    """
    return all(reason == UNSETTLED or reason.endswith(("h are needed", "they have no scale")) for reason in reasons)


def _publish(chosen: "list[tuple[dict[str, Any], Proposal]]", *, accepted: bool, who: str | None, reason: str | None) -> None:
    import time

    from cli.entries import publish
    from settings import load

    version = time.time_ns() // 1000
    stated = {"accepted": accepted, "who": who, "reason": reason}
    entries = [
        {
            "kind": "baseline",
            "version": version,
            "asset_id": row["asset"],
            "sensor_id": row["sensor"],
            "baseline": {"mode": row["mode"], **stated, **asdict(proposal)},
        }
        for row, proposal in chosen
    ]
    if entries:
        publish(load(), entries)


def _rows(found: "list[Found]") -> list[dict[str, Any]]:
    rows = []
    for row, proposal, reasons in found:
        numbers = {name: getattr(proposal, name, None) for name in ("normal", "spread", "sway", "readings")}
        shares = [f"{share.sensor_id} {share.slope:+.3g}" for share in proposal.drivers] if proposal else []
        rows.append({"sensor": row["sensor"], "mode": row["mode"], **numbers, "drivers": ", ".join(shares), "against": "; ".join(reasons)})
    return rows


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    shown = [{**figures({name: row[name] for name in row if name != "against"}), "drivers": prose(row["drivers"])} for row in rows]
    print_rows(shown, as_json=False, title="baseline")
    for row in rows:
        if row["against"]:
            typer.echo(f"{_named(row)}: {row['against']}")


def _named(row: dict[str, Any]) -> str:
    return f"{row['sensor']} {row['mode']}".strip()


def _taken(row: dict[str, Any]) -> bool:
    return bool(row["accepted"])
