"""maint replay: recorded data sets and CSV files into the raw topic, every reading once."""

import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import mapping
from cli.output import AsJson, print_json
from cli.progress import bar, complain
from cli.up import interruption

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.replay.recording import Recording

app = typer.Typer(
    no_args_is_help=True, help="Publish recorded data: every reading once, resumable, repeatable. Example: maint replay nab DIR"
)

SETS = {
    "nab": "Numenta Anomaly Benchmark: data/<group>/<name>.csv, times as recorded (UTC), order of the file kept.",
    "cmapss": "NASA C-MAPSS turbofans: train_FD00x.txt and test_FD00x.txt; one cycle = one hour from 2020-01-01.",
    "ai4i": "AI4I 2020 milling machine: ai4i2020.csv; one row = one minute from 2020-01-01.",
    "hydraulic": "UCI 447 hydraulic rig: one file per sensor; cycle k starts k minutes after 2020-01-01.",
    "battery": "NASA lithium-ion cells: capacity_per_discharge_cycle.csv and B00xx_discharge.csv, times as recorded (UTC).",
}
NOTE = """All files may be plain or .gz, and any subset of them. Labels are not published.

A finished replay is remembered (<home>/replay/) and not published twice; an interrupted one goes on where it stopped."""
EXAMPLES = {
    "set": "Examples: maint replay {name} DIR — maint replay {name} DIR --shift — maint replay {name} DIR --speed 3600 --live",
    "csv": """Examples:

maint replay csv pump.csv --time timestamp --asset pump-7 — wide: every other column is a sensor of pump-7

maint replay csv log.csv --time ts --sensor tag --value val --asset-column machine — long

maint replay csv pump.csv --history — months that build baselines and never alarm; the live readings follow

maint replay csv log.csv --time Zeit --tz Europe/Zurich --overlap order --time-format '%d.%m.%Y %H:%M' --delimiter ';' --decimal ','
""",
}

Shift = Annotated[bool, typer.Option("--shift", help="Move the times so that the newest reading is now; fixed at the first run.")]
Speed = Annotated[float, typer.Option(min=0, help="Recorded seconds per second; 0 = as fast as possible.")]
Again = Annotated[bool, typer.Option("--again", help="Publish a finished replay once more; the platform counts duplicates.")]
Live = Annotated[bool, typer.Option("--live", help="Do not declare the readings historical: their episodes may alarm.")]
InCatalogue = Annotated[bool, typer.Option(help="Tell the catalogue quantity and unit of sensors it does not have.")]


def _add(name: str, summary: str) -> None:
    """Add the command of one data set."""

    def command(  # noqa: PLR0913, PLR0917  a command's options are its interface
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the data set.")],
        shift: Shift = False,
        speed: Speed = 0.0,
        again: Again = False,
        live: Live = False,
        catalogue: InCatalogue = True,
        as_json: AsJson = False,
    ) -> None:
        module = import_module(f"simulator.replay.{name}")
        play = {"shift": shift, "again": again}
        _replay(lambda: module.read(folder), {"speed": speed, "historical": not live, "catalogue": catalogue}, play, as_json=as_json)

    command.__doc__ = f"{summary}\n\n{NOTE}"
    app.command(name, epilog=EXAMPLES["set"].format(name=name))(command)


for _name, _summary in SETS.items():
    _add(_name, _summary)


@app.command("csv", epilog=EXAMPLES["csv"])
def csv_file(  # noqa: PLR0913, PLR0917  a command's options are its interface
    path: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file, plain or .gz, with a header line.")],
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
    history: Annotated[bool, typer.Option("--history", help="All before now is history; live readings go on from here.")] = False,
    shift: Shift = False,
    speed: Speed = 0.0,
    again: Again = False,
    live: Live = False,
    catalogue: Annotated[
        bool | None, typer.Option(help="Tell the catalogue the units of sensors it does not have (default: not with --history).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A CSV file, wide (a column per sensor) or long (columns for sensor and value).

    A finished replay is remembered (<home>/replay/) and not published twice; an interrupted one goes on where it stopped.
    `maint report data --file FILE` with the same options says first what is wrong with the file.
    """
    from simulator.replay.table import read

    if history and (shift or live):
        raise typer.BadParameter("--history keeps the times of the file: it goes neither with --shift nor with --live")
    chosen = mapping.Choices(time_column, sensor, value, wide, asset, asset_column, unit, delimiter, decimal)
    mapped, clock = mapping.columns(path, chosen), mapping.clock(zone, time_format, gap, overlap)
    tell = not history if catalogue is None else catalogue
    options = {"speed": speed, "historical": not live, "until_now": history, "catalogue": tell}
    _replay(lambda: read(path, mapped, clock), options, {"shift": shift, "again": again}, as_json=as_json)


def _replay(read: "Callable[[], Recording]", options: dict[str, Any], play: dict[str, bool], *, as_json: bool) -> None:
    from cli.entries import in_force
    from settings import load
    from simulator.publish import Publisher
    from simulator.replay.manifest import open_manifest
    from simulator.replay.player import Player
    from streams.topics import RAW

    with complain(), interruption() as stop:
        settings, began = load(), time.monotonic()
        recording = read()
        publisher = Publisher(settings)
        publisher.check(RAW)
        if options["catalogue"]:
            options["described"] = frozenset(name for kind, name in in_force(settings) if kind == "sensor")
        player = Player(recording, open_manifest(settings.home, recording, namespace=settings.namespace), publisher, **options, stop=stop)
        with bar(recording.name, unit="readings") as advance:
            played = player.play(**play, progress=advance)
        sensors = sum(len(part.tags) for part in recording.parts)
        result = {"set": recording.name, "files": len(recording.files), "sensors": sensors, **asdict(played)}
        result["seconds"] = round(time.monotonic() - began, 3)
    _show(result, as_json=as_json)


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    counted = f"{result['set']}: {result['rows']} readings of {result['sensors']} sensors in {result['files']} files"
    match result["status"]:
        case "already":
            print(f"{counted} were already published; --again publishes them once more")
        case "stopped":
            print(f"{counted}; stopped after {result['resumed_from'] + result['published']}, the same command goes on from there")
        case _:
            print(f"{counted}; {result['published']} published in {result['seconds']} s")
