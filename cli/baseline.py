"""maint baseline: what is healthy for a machine, proposed from a period and accepted by a person."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.moment import FORMATS, past
from cli.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    import psycopg

    from processors.baseline import Proposal

app = typer.Typer(no_args_is_help=True, help="References of healthy machines: propose, accept, show. Example: maint baseline show 'P-10*'")

Assets = Annotated[str, typer.Argument(metavar="ASSETS", help="Names of assets, with * and ?.")]
Begin = Annotated[datetime, typer.Option("--from", formats=FORMATS, help="Begin of a healthy period; UTC unless it says otherwise.")]
End = Annotated[datetime, typer.Option("--to", formats=FORMATS, help="End of the period.")]
SENSORS = """select s.sensor, s.asset, s.sensor_id, coalesce(s.resolution, 0) as resolution, s.quantity, s.reporting, s.period_s,
    a.class, a.modes,
    coalesce((select array_agg(d ->> 'sensor_id') from jsonb_array_elements(a.drivers) d where d ->> 'role' <> 'demand'), '{}') as drivers
  from plant.sensor s join plant.asset a using (asset)
  where s.asset like %s and s.state in ('discovered', 'learning', 'monitored') order by 1"""
READINGS = """select (extract(epoch from ts) * 1e6)::bigint as ts, value, flags from plant.measurement
  where sensor_id = %s and ts >= %s and ts < %s and value is not null and status < 2147483648 order by ts"""
CHANGES = """select (extract(epoch from ts) * 1e6)::bigint as ts, case when status < 2147483648 then value end as value, flags
  from plant.measurement where sensor_id = %s and ts >= %s and ts < %s order by ts"""
SPANS = """select distinct (extract(epoch from start) * 1e6)::bigint as ts, mode from plant.feature
  where asset = %s and window_s = 600 and start >= %s and start < %s order by 1"""
PEERS = """select b.normal from plant.baseline b join plant.sensor s using (sensor) join plant.asset a on a.asset = b.asset
  where b.accepted and a.class = %s and s.quantity = %s and b.mode = %s and b.asset <> %s"""
SHOWN = """select sensor, mode, normal, spread, sway, readings, "begin", "end", accepted, who, reason, known_at from plant.baseline
  where asset like %s order by 1, 2"""


@app.command()
def propose(
    assets: Assets,
    begin: Begin,
    end: End,
    provisional: Annotated[bool, typer.Option("--provisional", help="Work with it until a person accepts one: it informs only.")] = False,
    as_json: AsJson = False,
) -> None:
    """What a period suggests as healthy, per sensor and operating mode; and what speaks against it.

    Example: maint baseline propose 'P-10*' --from 2026-03-01 --to 2026-03-15
    """
    found = list(_found(assets, *_period(begin, end)))
    if provisional:
        _publish([(row, proposal) for row, proposal, reasons in found if proposal and not reasons], accepted=False, who=None, reason=None)
    _show(_rows(found), as_json=as_json)


@app.command()
def accept(  # noqa: PLR0913, PLR0917  a command's options are its interface
    assets: Assets,
    begin: Begin,
    end: End,
    who: Annotated[str, typer.Option(help="Your name: it is kept with the reference.")],
    force: Annotated[str, typer.Option(metavar="REASON", help="Accept what a rule speaks against; the reason is kept.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a period the reference: drift, health and trends are judged against it from now on. It never moves by itself.

    What no rule speaks against is accepted, the rest is refused by name; exit code 1 when anything was refused.

    Example: maint baseline accept P-101 --from 2026-03-01 --to 2026-03-15 --who 'R. Ortiz'
    """
    found = list(_found(assets, *_period(begin, end)))
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
    print_rows(found, as_json=as_json, title="references", empty="no reference yet: see `maint baseline propose --help`")


def _period(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    from datetime import UTC

    return past(begin, end, datetime.now(UTC))


def _found(assets: str, *period: datetime) -> Iterator[tuple[dict[str, Any], "Proposal | None", tuple[str, ...]]]:
    """(sensor and mode, proposal, reasons against it) of all sensors that ever sent."""
    import numpy as np

    from cli.database import reading
    from processors.baseline import UNUSABLE, Bounds, Refusal, align
    from processors.baseline import propose as suggest
    from processors.outcome import MODE_SHIFT
    from store import look

    with reading() as connection:
        sensors = look.rows(connection, SENSORS, (look.like(assets),))
        if not sensors:
            raise SystemExit(f"no asset {assets!r}: see `maint sensors list`")
        for row in sensors:
            ts, value, flags, step = (_held if row["reporting"] == "by_exception" else _read)(connection, row, period)
            drivers = {
                name: align(ts, *_columns(connection, number, period)[:2])
                for name, number in _numbers(connection, row["drivers"]).items()
                if name != row["sensor"]
            }
            modes = np.unique(flags[flags & UNUSABLE == 0] >> MODE_SHIFT).tolist()
            if not modes:
                yield {**row, "mode": ""}, None, ("no settled reading in this period",)
            for number in modes:
                here, mode = flags >> MODE_SHIFT == number, _mode(row["modes"], number)
                peers = [peer["normal"] for peer in look.rows(connection, PEERS, (row["class"], row["quantity"], mode, row["asset"]))]
                bounds = Bounds(resolution=row["resolution"], step=step, peers=peers)
                found: Proposal | Refusal = suggest(
                    ts[here], value[here], flags[here], {name: column[here] for name, column in drivers.items()}, bounds
                )
                named = {**row, "mode": mode}
                yield (named, found.proposal, found.reasons) if isinstance(found, Refusal) else (named, found, ())


def _read(connection: "psycopg.Connection", row: dict[str, Any], period: tuple[datetime, ...]) -> tuple[Any, Any, Any, float | None]:
    """Event times, values and flags of a periodic sensor; it has no reported change."""
    return (*_columns(connection, row["sensor_id"], period), None)


def _held(connection: "psycopg.Connection", row: dict[str, Any], period: tuple[datetime, ...]) -> tuple[Any, Any, Any, float | None]:
    """The same of a sensor that reports by exception, by samples of the time its values held; and its smallest reported change."""
    from datetime import timedelta

    import numpy as np

    from processors.hold import Readings, longest_us, sampled, step
    from processors.outcome import MODE_SHIFT, Flag

    begin, end = period
    longest = longest_us(row["period_s"])
    since = begin - timedelta(microseconds=longest)
    readings = Readings(*_columns(connection, row["sensor_id"], (since, end), CHANGES))
    spans = connection.execute(SPANS.encode(), (row["asset"], since, end)).fetchall()
    known = {_mode(row["modes"], number): number << MODE_SHIFT for number in range(8)} | {"transient": int(Flag.TRANSIENT)}
    told = np.array([[ts, known.get(mode, 0)] for ts, mode in spans], np.int64).reshape(-1, 2)
    begin_us, end_us = (int(each.timestamp() * 1e6) for each in period)
    found = sampled(readings, begin_us, end_us, longest, (told[:, 0], told[:, 1]))
    return found.ts, found.value, found.flags, step(readings.value)


def _columns(connection: "psycopg.Connection", sensor_id: int, period: tuple[datetime, ...], query: str = READINGS) -> tuple[Any, Any, Any]:
    """Event times, values and flags of a sensor."""
    import numpy as np

    found = connection.execute(query.encode(), (sensor_id, *period)).fetchall()
    ts, value, flags = zip(*found, strict=True) if found else ((), (), ())
    return np.array(ts, np.int64), np.array(value, np.float64), np.array(flags, np.int64)


def _numbers(connection: "psycopg.Connection", sensors: list[str]) -> dict[str, int]:
    return dict(connection.execute("select sensor, sensor_id from plant.sensor where sensor = any(%s)", (sensors,)).fetchall())


def _mode(modes: list[dict[str, Any]], number: int) -> str:
    """Name of a mode of an asset.

    >>> _mode([{"name": "low"}], 3), _mode([], 2)
    ('low', 'running')
    """
    from processors.declaration import NAMES

    own = [*NAMES, *(str(mode["name"]) for mode in modes)]
    return own[number] if number < len(own) else f"mode {number}"


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


def _rows(found: "list[tuple[dict[str, Any], Proposal | None, tuple[str, ...]]]") -> list[dict[str, Any]]:
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
    shown = [{name: value for name, value in row.items() if name != "against"} for row in rows]
    print_rows(shown, as_json=False, title="baseline")
    for row in rows:
        if row["against"]:
            typer.echo(f"{_named(row)}: {row['against']}")


def _named(row: dict[str, Any]) -> str:
    return f"{row['sensor']} {row['mode']}".strip()


def _taken(row: dict[str, Any]) -> bool:
    return bool(row["accepted"])
