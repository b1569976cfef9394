"""How a CSV file is to be understood: options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from cli.progress import complain

if TYPE_CHECKING:
    from simulator.replay.clock import Clock
    from simulator.replay.table import Mapped

TimeColumn = Annotated[str, typer.Option("--time", help="Column of the time.")]
SensorColumn = Annotated[str | None, typer.Option("--sensor", help="Long file: column of the sensor id.")]
ValueColumn = Annotated[str | None, typer.Option("--value", help="Long file: column of the value.")]
Wide = Annotated[str, typer.Option("--wide", help="Wide file: value columns, separated by commas (default: all but the time).")]
Asset = Annotated[str | None, typer.Option("--asset", help="Asset of all sensors (default: the name of the file).")]
AssetColumn = Annotated[str | None, typer.Option("--asset-column", help="Column of the asset, instead of --asset.")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="Unit of all values, or SENSOR=UNIT; may be repeated.")]
Zone = Annotated[str, typer.Option("--tz", help="Time zone of times without an offset (IANA name).")]
TimeFormat = Annotated[str, typer.Option("--time-format", help="iso, s, ms, us (since 1970), or a strptime pattern.")]
Gap = Annotated[Literal["refuse", "forward", "skip"], typer.Option("--gap", help="Local times that never were (summer begins).")]
Overlap = Annotated[
    Literal["refuse", "first", "second", "order"], typer.Option("--overlap", help="Local times that were twice (summer ends).")
]
Delimiter = Annotated[str, typer.Option("--delimiter", help="Character between cells (default: found from the first lines).")]
Decimal = Annotated[str, typer.Option("--decimal", help="Decimal character of the values (default: found from the first lines).")]


class Choices(NamedTuple):
    """The options that say what the columns are, as given."""

    time: str
    sensor: str | None
    value: str | None
    wide: str
    asset: str | None
    asset_column: str | None
    unit: list[str] | None
    delimiter: str
    decimal: str


def columns(path: Path, chosen: Choices) -> "Mapped":
    """The columns of a file, as the options say; what they leave open is found from its first lines."""
    from dataclasses import replace

    from simulator.replay import files
    from simulator.replay.table import Mapped

    time, sensor, value, wide, asset, asset_column, unit, delimiter, decimal = chosen
    if (sensor is None) != (value is None):
        raise typer.BadParameter("a long file needs both --sensor and --value")
    asset = asset or (None if asset_column else path.name.split(".")[0])
    units = {name: text for name, _, text in (pair.rpartition("=") for pair in unit or [])}
    mapped = Mapped(time, sensor, value, tuple(filter(None, wide.split(","))), asset, asset_column, units, delimiter, decimal)
    with complain():
        delimiter = delimiter or files.delimiter(path, set(mapped.fixed).issubset)
        decimal = decimal or files.decimal(path, delimiter, [name for name in (time, sensor, asset_column) if name])
        headed = {} if sensor or "" in units else _headed(path, delimiter)
    _tell(path, chosen, delimiter, decimal)
    return replace(mapped, delimiter=delimiter, decimal=decimal, units={**headed, **units})


def _headed(path: Path, delimiter: str) -> dict[str, str]:
    """Units that the headings of a wide file name."""
    from catalogue.units import headed
    from simulator.replay.files import rows

    _, names = next(rows(path, delimiter=delimiter), (1, list[str]()))
    return {name: unit for name, unit in ((name.strip(), headed(name)) for name in names) if unit}


def _tell(path: Path, chosen: Choices, delimiter: str, decimal: str) -> None:
    """What was found and is not the usual, as options, on standard error."""
    found = []
    if not chosen.delimiter and delimiter != ",":
        found.append(f"--delimiter {_quoted(delimiter)}")
    if not chosen.decimal and decimal != ".":
        found.append(f"--decimal {decimal!r}")
    if found:
        typer.echo(f"{path.name}: read with {' '.join(found)}", err=True)


def _quoted(character: str) -> str:
    """A character as a shell takes it."""
    return f"${character!r}" if character == "\t" else f"'{character}'"


def clock(zone: str, time_format: str, gap: "Gap", overlap: "Overlap") -> "Clock":
    """The clock of a file, as the options say."""
    from simulator.replay.clock import Clock, TimeError

    try:
        return Clock(zone, time_format, gap, overlap)
    except TimeError as error:
        raise typer.BadParameter(str(error)) from None
