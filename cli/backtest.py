"""maint backtest: what the rules would have raised, beside the failures the plant knows of."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli import mapping
from cli.moment import FORMATS, duration_us, seconds
from cli.output import AsJson, figure, print_json, print_rows, prose
from cli.progress import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from report.backtest import Failure, Judged, Observed, Raise

RAISES: Final = """select episode_id::text as episode, asset, detector, kind, (extract(epoch from last) * 1000000)::bigint as at_us
  from plant.episode_step where phase = 'open' and subject = 'machine' and last >= to_timestamp(%(first)s) and last < to_timestamp(%(last)s)
  order by last, episode_id"""
ARRIVED: Final = "select extract(epoch from now() - max(known_at)) as ago from plant.episode_step"
ARRIVING_S: Final = 60.0  # episodes come some seconds after their readings: where the newest is younger, more may be on their way
THIN: Final = 0.9  # assets with readings in a smaller share of the period are named
NAMED_MAX: Final = 10
EXAMPLES = """Examples:

  maint backtest --work-orders failures.csv --from 2025-01-01 --to 2026-01-01

  maint backtest --work-orders sap.csv --asset-column Equipment --at-column Begin --tz Europe/Zurich --time-format '%d.%m.%Y %H:%M'

Load the months first with `maint replay csv FILE --history`. The file holds failures only, one a line: asset, time, and a mode or text.
"""

Begin = Annotated[datetime | None, typer.Option("--from", formats=FORMATS, help="Begin (default: of the readings); UTC unless it says so.")]
End = Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="End (default: of the readings).")]
Orders = Annotated[Path, typer.Option("--work-orders", exists=True, dir_okay=False, help="CSV: asset, time, mode or text of each failure.")]


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to judge."""

    observed: "Observed"
    raises: "Sequence[Raise]"
    failures: "Sequence[Failure]"
    outside: int  # failures before or after the period
    repeated: int  # lines that repeat another
    ago_s: float | None  # since the newest episode arrived


def backtest(  # noqa: PLR0913, PLR0917  a command's options are its interface
    work_orders: Orders,
    begin: Begin = None,
    end: End = None,
    lead_min: Annotated[str, typer.Option(help="Shortest lead that is of use: 12h, 1d, 2w.")] = "1d",
    lead_max: Annotated[str, typer.Option(help="Longest lead that still speaks of the same failure.")] = "90d",
    asset_column: Annotated[str | None, typer.Option(help="Column of the asset (default: one of the usual names).")] = None,
    at_column: Annotated[str | None, typer.Option(help="Column of the time of the failure.")] = None,
    mode_column: Annotated[str | None, typer.Option(help="Column of the mode or text.")] = None,
    zone: Annotated[str, typer.Option("--tz", help="Time zone of times without an offset (IANA name).")] = "UTC",
    time_format: Annotated[str, typer.Option(help="iso, s, ms, us (since 1970), or a strptime pattern.")] = "iso",
    delimiter: mapping.Delimiter = "",
    as_json: AsJson = False,
) -> None:
    """Hits, misses, lead and false raises of the rules, beside always, never and chance."""
    from cli import orders

    shortest, longest = duration_us(lead_min), duration_us(lead_max)
    if shortest >= longest:
        raise typer.BadParameter("--lead-min must be shorter than --lead-max")
    named = {"asset": asset_column, "at": at_column, "mode": mode_column}
    clock = mapping.clock(zone, time_format, "refuse", "first")
    with complain():
        listed = orders.read(work_orders, {key: name for key, name in named.items() if name}, clock, delimiter)
    found = _find(listed, seconds(begin), seconds(end))
    result = _judge(found, (shortest, longest))
    if as_json:
        print_json(result)
    else:
        _show(result)


def _find(listed: "tuple[list[Failure], int]", first: float | None, last: float | None) -> _Found:
    from cli.database import reading
    from report.backtest import Observed
    from store import hours, look

    with reading() as connection:
        first, last = _ends(connection, first, last)
        asked = {"first": first, "last": last}
        seen: dict[str, list[int]] = {}
        for row in look.rows(connection, hours.HOURS, asked):
            seen.setdefault(row["asset"], []).append(row["hour"])
        raised = look.rows(connection, RAISES, asked)
        (arrived,) = look.rows(connection, ARRIVED)
    return _gather(listed, Observed(round(first * 1e6), round(last * 1e6), seen), raised, arrived["ago"])


def _ends(connection: "psycopg.Connection", first: float | None, last: float | None) -> tuple[float, float]:
    from store import hours, look

    (row,) = look.rows(connection, hours.ENDS)
    if row["first"] is None:
        raise SystemExit("backtest: no hour with readings is stored; load them with `maint replay csv FILE --history`")
    first, last = float(row["first"]) if first is None else first, float(row["last"]) if last is None else last
    if first >= last:
        raise SystemExit("backtest: --from must lie before --to, and before the end of the readings")
    return first, last


def _gather(listed: "tuple[list[Failure], int]", observed: "Observed", raised: "list[dict[str, Any]]", ago_s: float | None) -> _Found:
    from report.backtest import Raise

    failures, repeated = listed
    inside = [failure for failure in failures if observed.first_us <= failure.at_us < observed.last_us]
    raises = [Raise(row["asset"], row["at_us"], f"{row['detector']} {row['kind']}", row["episode"]) for row in raised]
    return _Found(observed, raises, inside, len(failures) - len(inside), repeated, None if ago_s is None else float(ago_s))


def _judge(found: _Found, lead_us: tuple[int, int]) -> dict[str, Any]:
    from report.backtest import always, chance, false, judge, score, tally

    observed, failures = found.observed, found.failures
    judged = judge(found.raises, failures, observed, lead_us)
    constant = always(observed, lead_us)
    scores = [
        score("rules", found.raises, judged, observed),
        score("always", constant, judge(constant, failures, observed, lead_us), observed),
        score("never", (), judge((), failures, observed, lead_us), observed),
        chance(found.raises, judged, observed, lead_us),
    ]
    wrong = false(found.raises, judged)
    return {
        "covered": _covered(found),
        "scores": [asdict(item) for item in scores],
        "failures": [_failure(item) for item in judged],
        "modes": _modes(judged),
        "false": [_raise(item) for item in wrong],
        "raises_by_kind": tally(item.kind for item in found.raises),
        "false_by_kind": tally(item.kind for item in wrong),
    }


def _covered(found: _Found) -> dict[str, Any]:
    """What was looked at, and what is missing in it."""
    from report.finding import instant
    from report.orders import unknown

    observed = found.observed
    shares = {asset: observed.share(asset) for asset in observed.hours}
    whole = len(shares) * observed.months
    return {
        "first": instant(observed.first_us),
        "last": instant(observed.last_us),
        "months": observed.months,
        "assets": len(shares),
        "machine_months": observed.machine_months,
        "share_with_readings": observed.machine_months / whole if whole else 0.0,
        "thin_assets": {asset: share for asset, share in sorted(shares.items(), key=lambda item: item[1]) if share < THIN},
        "failures": len(found.failures),
        "failures_outside": found.outside,
        "repeated_lines": found.repeated,
        "newest_episode_s_ago": found.ago_s,
        "assets_without_readings": unknown((failure.asset for failure in found.failures), shares),
    }


def _failure(judged: "Judged") -> dict[str, Any]:
    from report.finding import instant

    failure = judged.failure
    lead = None if judged.lead_us is None else judged.lead_us / 86_400e6
    kinds = list(dict.fromkeys(item.kind for item in judged.raises))
    return {
        "asset": failure.asset,
        "at": instant(failure.at_us),
        "mode": failure.mode,
        "outcome": judged.outcome,
        "lead_days": lead,
        "raises": len(judged.raises),
        "kinds": kinds,
    }


def _modes(judged: "Sequence[Judged]") -> list[dict[str, Any]]:
    """Failures by mode, the most frequent first."""
    rows = []
    for mode, count in Counter(item.failure.mode for item in judged).most_common():
        outcomes = Counter(item.outcome for item in judged if item.failure.mode == mode)
        rows.append({"mode": mode, "failures": count, **{word: outcomes[word] for word in ("hit", "late", "missed", "no_data")}})
    return rows


def _raise(item: "Raise") -> dict[str, Any]:
    from report.finding import instant

    return {"asset": item.asset, "at": instant(item.at_us), "kind": item.kind, "episode": item.episode}


def _show(result: dict[str, Any]) -> None:
    print_rows([_rounded(row) for row in result["scores"]], as_json=False, title="scores; lead: 10, 50 and 90 %")
    failures = [_short(row) for row in result["failures"]]
    print_rows(failures, as_json=False, title="failures", empty="no failure lies in the period")
    print_rows([{**row, "mode": prose(row["mode"])} for row in result["modes"]], as_json=False, title="modes", empty="")
    print_rows(result["false"][:NAMED_MAX], as_json=False, title="false raises", empty="no false raise")
    if len(result["false"]) > NAMED_MAX:
        typer.echo(f"... and {len(result['false']) - NAMED_MAX} more false raises; --json lists all")
    typer.echo(_stated(result["covered"]))


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A failure for people."""
    names = ("asset", "at", "outcome")
    told = {"mode": prose(row["mode"]), "lead days": figure(row["lead_days"]), "raised": prose(", ".join(row["kinds"]))}
    return {name: row[name] for name in names} | told


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """A score for people."""
    leads = row["lead_days"]
    return {
        "": row["name"],
        "raises": row["raises"],
        "hits": figure(row["hits"]),
        "late": row["late"],
        "missed": figure(row["missed"]),
        "recall": _share(row["recall"]),
        "precision": _share(row["precision"]),
        "lead days": " / ".join(str(figure(lead)) for lead in leads) if leads else None,
        "false": figure(row["false"]),
        "a month": figure(row["false_per_month"]),
        "a machine-month": figure(row["false_per_machine_month"]),
    }


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.0%}"


def _stated(covered: dict[str, Any]) -> str:
    """The period and what is missing in it, in sentences."""
    period = f"period: {covered['first']} to {covered['last']}, {covered['months']:.1f} months"
    machines = f"{covered['assets']} assets with readings, {covered['machine_months']:.1f} machine-months"
    missing = f"{1 - covered['share_with_readings']:.1%} of the time holds no reading"
    rest = f"{covered['failures_outside']} lie outside the period, {covered['repeated_lines']} lines repeat another"
    lines = [f"{period}; {machines}; {missing}", f"failures judged: {covered['failures']}; {rest}"]
    if covered["thin_assets"]:
        told = ", ".join(f"{asset} {share:.0%}" for asset, share in list(covered["thin_assets"].items())[:NAMED_MAX])
        lines.append(f"few readings: {told} of the period; their misses and their silence tell little")
    if covered["assets_without_readings"]:
        told = ", ".join(covered["assets_without_readings"][:NAMED_MAX])
        lines.append(f"in the work orders but without readings: {told}; is the name another one here? see `maint catalogue export`")
    if covered["newest_episode_s_ago"] is not None and covered["newest_episode_s_ago"] < ARRIVING_S:
        ago = f"{covered['newest_episode_s_ago']:.0f} s ago"
        lines.append(f"the newest episode arrived {ago}: more may be on their way; run this again, and trust it when the figures stay")
    return "\n".join(lines)
