"""Where `maint report data` finds readings: CSV files before their import, or what is stored."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import psycopg

from catalogue.columns import SENSOR
from catalogue.entry import Catalogue
from processors.outcome import Flag
from report import clock
from report.ending import ended
from report.examine import Report, examine, joined
from report.finding import Finding, instant
from report.pair import apart
from report.series import Series
from simulator.replay.clock import Clock
from simulator.replay.table import Mapped, Refusal, read
from store import look

SENSORS: Final = """select sensor, asset, quantity, unit, range_low, range_high, reporting, period_s, redundant_with, state,
    sensor_id from plant.sensor
  where sensor like %(like)s order by asset, sensor"""
COLUMNS: Final = "ts, value, status, flags, known_at"
WITHIN: Final = "sensor_id = %(sensor)s and ts >= to_timestamp(%(first)s) and ts < to_timestamp(%(last)s)"
READINGS: Final = f"""select (extract(epoch from ts) * 1000000)::bigint, coalesce(value, 'NaN'), status, flags,
    (extract(epoch from known_at) * 1000000)::bigint from (
  (select {COLUMNS} from plant.measurement where {WITHIN} order by ts desc limit %(most)s) union all
  (select {COLUMNS} from plant.measurement_revision where {WITHIN} order by ts desc limit %(most)s)) rows
  order by known_at, ts"""
REFUSED: Final = """select sensor, reason, count(*) as records, min(known_at) as first from ops.rejection
  where sensor = any(%(sensors)s) and replayed_at is null group by 1, 2"""
MOST: Final = 2_000_000  # readings of a sensor that are looked at, the newest
OUT: Final = ("out_of_service", "decommissioned")  # nobody expects readings of such a sensor
NOTHING: Final[Catalogue] = MappingProxyType({})
EVER_S: Final = 253_402_300_799  # the year 9999
DEAF: Final = int(Flag.HISTORICAL | Flag.LATE)  # their arrival tells nothing of a clock


@dataclass(frozen=True, slots=True)
class Source:
    """Where readings came from, in figures."""

    name: str
    readings: int
    sensors: int
    first: str
    last: str


def of_files(files: Sequence[tuple[Path, Mapped, Clock]], now_us: int, known: Catalogue = NOTHING) -> tuple[Report, list[Source]]:
    """What files hold, before they are imported.

    Args:
        files: each with what its columns and times mean.
        now_us: the present.
        known: what a sheet states of the sensors.

    Raises:
        ReplayError: a file cannot be read at all.
    """
    reports, sources = [], []
    for path, mapped, moments in files:
        refused: list[Refusal] = []
        (part,) = read(path, mapped, moments, refused).parts
        (batch,) = part.batches()
        found = [
            _described(Series(tag.sensor_id, tag.asset_id, batch.ts[rows], batch.value[rows], "", tag.unit or ""), mapped, known)
            for number, tag in enumerate(part.tags)
            if len(rows := np.flatnonzero(batch.sensor == number))
        ]
        report = _examined(found, {name for (_, name), entry in known.items() if entry["state"] in OUT})
        ends = (int(batch.ts.min()), int(batch.ts.max())) if len(batch) else None
        reports.append(joined([report], [*_refusals(path.name, refused), *_clock(path, moments, report, ends, now_us)]))
        sources.append(Source(str(path), len(batch), len(found), *((instant(ends[0]), instant(ends[1])) if ends else ("", ""))))
    return joined(reports), sources


def _examined(found: Sequence[Series], out: Container[str]) -> Report:
    """All that can be said of series, those of a whole file or of an asset; `out`: sensors that may end when they like."""
    return joined([examine(found)], [*ended([series for series in found if series.sensor not in out]), *apart(found)])


def _described(series: Series, mapped: Mapped, known: Catalogue) -> Series:
    """A series with its name in the file, and with what a sheet states of it."""
    column = series.sensor if mapped.sensor else series.sensor.removeprefix(f"{series.asset}.")
    entry = known.get((SENSOR, series.sensor))
    if entry is None:
        return replace(series, column=column)
    scaled = series.ts >= (entry["valid_from"] or 0)
    return replace(
        series,
        column=column,
        value=np.where(scaled, series.value * entry["scale"] + entry["offset"], series.value),
        quantity=entry["quantity"] or "",
        unit=entry["unit"] or series.unit,
        low=entry["range_low"],
        high=entry["range_high"],
        reporting=entry["reporting"],
        period_s=entry["period_s"],
        redundant_with=entry["redundant_with"] or "",
    )


def _clock(path: Path, moments: Clock, report: Report, ends: tuple[int, int] | None, now_us: int) -> list[Finding]:
    """What a file as a whole tells of its clock."""
    if ends is None:
        return []
    findings = clock.ahead(path.name, ends[1], min(now_us, path.stat().st_mtime_ns // 1000))
    known = any(item.kind == "clock" for item in report.findings)
    if moments.local and moments.zone == "UTC" and not known and not findings:
        findings.append(clock.zoneless(path.name, *ends))
    return findings


def _refusals(name: str, refused: Sequence[Refusal]) -> list[Finding]:
    """Rows and cells that are of no use: one finding for each sort, with the first one as example."""
    findings = []
    for (what, asset, sensor), count in Counter((item.what, item.asset, item.sensor) for item in refused).items():
        first = next(item for item in refused if (item.what, item.asset, item.sensor) == (what, asset, sensor))
        said = {"time": "rows have no usable time", "value": "cells hold text", "cells": "rows have the wrong number of cells"}[what]
        remedy = "`maint replay csv` refuses them: correct or remove these lines, or choose other options"
        kind = "clock" if what == "time" else "invalid"
        text = f"{count} {said}, the first in line {first.line}: {first.problem}"
        sensors = (f"{asset}.{sensor}",) if sensor else ()
        findings.append(Finding(kind, text, remedy, "certain", asset or name, sensors, first.ts, None, count))
    return findings


def of_store(connection: psycopg.Connection, pattern: str, period: tuple[float | None, float | None]) -> tuple[Report, list[Source]]:
    """What is stored of the sensors whose name fits a pattern with * and ?, asset by asset.

    Args:
        connection: to the database.
        pattern: of the names.
        period: [from, to) in seconds since 1970; None: no limit.
    """
    reports = []
    for sensors in _by_asset(look.rows(connection, SENSORS, {"like": look.like(pattern)})):
        parts = [_stored(connection, row, period) for row in sensors]
        found = [series for series, _ in parts if len(series.ts)]
        more = [finding for _, findings in parts for finding in findings]
        out = {row["sensor"] for row in sensors if row["state"] in OUT}
        reports.append(joined([_examined(found, out)], [*more, *_rejected(connection, sensors)]))
    report = joined(reports)
    first = min((item.first_us for item in report.sensors if item.first_us is not None), default=None)
    last = max((item.last_us for item in report.sensors if item.last_us is not None), default=None)
    count = sum(item.readings for item in report.sensors)
    return report, [Source("stored readings", count, len(report.sensors), instant(first), instant(last))]


def _by_asset(sensors: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for asset in dict.fromkeys(row["asset"] for row in sensors):
        yield [row for row in sensors if row["asset"] == asset]


def _stored(connection: psycopg.Connection, row: dict[str, Any], period: tuple[float | None, float | None]) -> tuple[Series, list[Finding]]:
    first, last = period
    asked = {"sensor": row["sensor_id"], "first": first or 0.0, "last": EVER_S if last is None else last, "most": MOST}
    rows = connection.execute(READINGS.encode(), asked).fetchall()
    ts, value, status, flags, known = (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.empty(0)] * 5
    ts, status, flags, known = (column.astype(np.int64) for column in (ts, status, flags, known))
    live = (flags & DEAF) == 0
    series = Series(
        row["sensor"], row["asset"] or "", ts, value.astype(np.float64), row["quantity"] or "", row["unit"] or "", status,
        known[live] - ts[live], row["range_low"], row["range_high"], row["reporting"] or "unknown",
        row["period_s"], row["redundant_with"] or "",
    )  # fmt: skip
    cut = [_cut(series)] if len(ts) >= MOST else []
    return series, cut


def _cut(series: Series) -> Finding:
    what = f"only the newest {MOST:,} readings were looked at"
    return Finding("gap", what, "look at the rest with --to", "certain", series.asset, (series.sensor,), until_us=int(series.ts.min()))


def _rejected(connection: psycopg.Connection, sensors: Sequence[dict[str, Any]]) -> list[Finding]:
    """Records of these sensors that the platform refused."""
    assets = {row["sensor"]: row["asset"] or "" for row in sensors}
    remedy = "see `maint rejections list --reason {}`, correct the source, replay them"
    return [
        Finding(
            "refused",
            f"{row['records']} records refused as {row['reason']}, the first on {row['first']:%Y-%m-%d %H:%M:%S}Z",
            remedy.format(row["reason"]),
            "certain",
            assets[row["sensor"]],
            (row["sensor"],),
            count=row["records"],
        )
        for row in look.rows(connection, REFUSED, {"sensors": list(assets)})
    ]
