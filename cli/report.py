"""maint report: what the data are worth."""

import time
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import mapping
from cli.moment import FORMATS, seconds
from cli.output import AsJson, console, print_json
from cli.progress import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalogue.entry import Catalogue
    from cli.readings import Source
    from report.examine import Report, Summary
    from report.finding import Finding

app = typer.Typer(no_args_is_help=True, help="Reports: the quality of data. Example: maint report data 'P-101.*' --html report.html")

Begin = Annotated[datetime | None, typer.Option("--from", formats=FORMATS, help="Only readings from here; UTC unless it says otherwise.")]
End = Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="Only readings before.")]
Files = Annotated[list[Path] | None, typer.Option("--file", exists=True, dir_okay=False, help="CSV file to look at; repeatable.")]
SHOWN = {  # figures of a sensor and their short headings; the page has all
    "sensor": "sensor",
    "unit": "unit",
    "readings": "readings",
    "interval": "every",
    "longest gap": "gap",
    "duplicates": "twice",
    "out of order": "late",
    "invalid": "invalid",
    "Good": "Good",
}
WIDTH = 120  # of a table that is no terminal's
EXAMPLES = """Examples:

  maint report data                                     everything that is stored

  maint report data 'P1.*' --from 2026-01-01 --html p1.html

  maint report data --file pump.csv --time ts --tz Europe/Zurich     a file before its import, options as of `maint replay csv`
"""


@app.callback()
def _group() -> None:
    """A group even while it has one command."""


@app.command(epilog=EXAMPLES)
def data(  # noqa: PLR0913, PLR0917  a command's options are its interface
    pattern: Annotated[str, typer.Argument(metavar="SENSOR", help="Name of a sensor, * and ? allowed.")] = "*",
    begin: Begin = None,
    end: End = None,
    file: Files = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots to this file.")] = None,
    time_column: mapping.TimeColumn = "timestamp",
    sensor: mapping.SensorColumn = None,
    value: mapping.ValueColumn = None,
    wide: mapping.Wide = "",
    asset: mapping.Asset = None,
    asset_column: mapping.AssetColumn = None,
    unit: mapping.Units = None,
    zone: mapping.Zone = "UTC",
    time_format: mapping.TimeFormat = "iso",
    gap: mapping.Gap = "refuse",
    overlap: mapping.Overlap = "refuse",
    delimiter: mapping.Delimiter = "",
    decimal: mapping.Decimal = "",
    sheet: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What this sheet of the catalogue states of the sensors of the files.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with readings: gaps, duplicates, order, stuck values, units, clocks, swapped sensors, invalid values."""
    from cli import readings

    if file:
        if begin or end or pattern != "*":
            raise typer.BadParameter("--from, --to and SENSOR are for stored readings; a --file is looked at as a whole")
        choices = mapping.Choices(time_column, sensor, value, wide, asset, asset_column, unit, delimiter, decimal)
        asked = [(path, mapping.columns(path, choices), mapping.clock(zone, time_format, gap, overlap)) for path in file]
        with complain():
            report, sources = readings.of_files(asked, time.time_ns() // 1000, _described(sheet))
    else:
        if sheet:
            raise typer.BadParameter("--sheet is for files; of stored readings the catalogue in force counts")
        report, sources = _stored(pattern, begin, end)
    if html:
        _write(html, report, sources)
    _show(report, sources, as_json=as_json)


def _described(path: Path | None) -> "Catalogue":
    """What a sheet states of assets and sensors."""
    from catalogue.problem import errors
    from catalogue.sheet import read

    if path is None:
        return {}
    sheet = read(path.read_bytes())
    if wrong := errors(sheet.problems):
        raise typer.BadParameter(f"{path} has {len(wrong)} errors; `maint catalogue validate` lists them")
    return sheet.over({})


def _stored(pattern: str, begin: datetime | None, end: datetime | None) -> "tuple[Report, list[Source]]":
    from cli import readings
    from cli.database import reading

    with reading() as connection:
        return readings.of_store(connection, pattern, (seconds(begin), seconds(end)))


def _write(path: Path, report: "Report", sources: "list[Source]") -> None:
    from report.page import page

    scope = "; ".join(f"{item.name}: {item.readings} readings of {item.sensors} sensors, {item.first} to {item.last}" for item in sources)
    path.write_text(page(report, "Data report", scope), encoding="utf-8")


def _show(report: "Report", sources: "list[Source]", *, as_json: bool) -> None:
    if as_json:
        print_json({
            "sources": [asdict(item) for item in sources],
            "sensors": [asdict(item) for item in report.sensors],
            "findings": [asdict(item) for item in report.findings],
        })  # fmt: skip
        return
    for item in sources:
        typer.echo(f"{item.name}: {item.readings:,} readings of {item.sensors} sensors, {item.first} to {item.last}")
    _table(report.sensors)
    _print(report.findings)


def _table(sensors: "Sequence[Summary]") -> None:
    """The figures; names of sensors are never cut."""
    from rich.table import Table

    from report.page import COLUMNS, cells

    if not sensors:
        typer.echo("no reading found")
        return
    table = Table(box=None)
    for heading in SHOWN.values():
        table.add_column(heading, no_wrap=heading != "sensor", overflow="fold")
    for summary in sensors:
        figures = dict(zip(COLUMNS, cells(summary), strict=True))
        table.add_row(*(figures[name] for name in SHOWN))
    console(WIDTH).print(table)


def _print(findings: "Sequence[Finding]") -> None:
    """Lines, not a table: no remedy may be cut off."""
    from report.page import place

    for item in findings:
        typer.echo(f"{item.sure}: {item.kind.replace('_', ' ')}: {place(item)}: {item.what}\n  remedy: {item.remedy}")
    counts = Counter(item.sure for item in findings)
    typer.echo(", ".join(f"{counts[sure]} {sure}" for sure in ("certain", "likely", "possible")) + " findings")
