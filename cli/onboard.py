"""maint onboard: what the plant's own systems say of its sensors, as a sheet to correct and import."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli import mapping
from cli.bridge import Security, require_extra
from cli.output import AsJson, Overwrite, print_json, untouched
from cli.progress import bar, complain
from cli.up import interruption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.onboard.signal import Signal

app = typer.Typer(
    no_args_is_help=True,
    help="Propose assets and sensors as a sheet; correct it, then `maint catalogue import` takes it. "
    "Example: maint onboard csv export.csv plant.csv",
)

OPCUA_EXAMPLES = """Examples:

maint onboard opcua opc.tcp://plc:4840 plant.csv --nodes-out nodes.csv — then `maint bridge opcua --nodes nodes.csv`

maint onboard opcua opc.tcp://plc:4840 plant.csv --browse "ns=2;s=Line1" --seconds 300
"""
MQTT_EXAMPLES = """Examples:

maint onboard mqtt plant.csv --host broker.plant --seconds 300 — Sparkplug B and whatever JSON there is

maint onboard mqtt plant.csv --host broker.plant --mapping plant.yaml — names as the mapping gives them
"""
CSV_EXAMPLES = """Examples:

maint onboard csv export.csv plant.csv --asset pump-7 — columns like "Temp DE [°C]" name sensor and unit

maint onboard csv log.csv plant.csv --time Zeit --tz Europe/Zurich --overlap first --time-format '%d.%m.%Y %H:%M' --delimiter ';'
"""

Sheet = Annotated[Path, typer.Argument(metavar="SHEET", help="CSV file to write.")]
Seconds = Annotated[float, typer.Option(min=0, help="How long to listen: periods and ways of reporting show only in time.")]
OBJECTS = "i=85"  # the folder Objects of every OPC UA server


@app.command("opcua", epilog=OPCUA_EXAMPLES)
def opcua(  # noqa: PLR0913, PLR0917  a command's options are its interface
    url: Annotated[str, typer.Argument(metavar="URL", help="Endpoint, like opc.tcp://host:4840.")],
    sheet: Sheet,
    browse: Annotated[str, typer.Option(help="Look below this node (default: the folder Objects).")] = OBJECTS,
    seconds: Seconds = 60.0,
    nodes_out: Annotated[Path | None, typer.Option(help="Also write the file of nodes for `maint bridge opcua --nodes`.")] = None,
    security: Security = "",
    user: Annotated[str, typer.Option(help="User at the server.")] = "",
    password: Annotated[str, typer.Option(envvar="OPCUA_PASSWORD", help="Password; better given in the environment.")] = "",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Browse an OPC UA server: units from EngineeringUnits, spans from EURange, periods by listening."""
    require_extra()
    untouched(sheet, overwrite=overwrite)
    import asyncio

    from asyncua import ua

    from bridge.identity import identity
    from bridge.nodes import write
    from bridge.onboard.opcua import discover
    from bridge.opcua import Endpoint
    from bridge.remedy import SecurityError, server

    try:
        endpoint = Endpoint(url, 100.0, identity(security) if security else None, user, password)
    except SecurityError as error:
        raise typer.BadParameter(str(error)) from None
    try:
        signals, chosen = asyncio.run(discover(endpoint, browse, seconds))
    except (OSError, TimeoutError, ua.UaError) as error:
        _fail(f"{url}: {server(error, secured=bool(security))}")
    if nodes_out:
        write(nodes_out, chosen)
    _propose(signals, sheet, as_json=as_json)


@app.command("mqtt", epilog=MQTT_EXAMPLES)
def mqtt(  # noqa: PLR0913, PLR0917  a command's options are its interface
    sheet: Sheet,
    host: Annotated[str, typer.Option(help="The MQTT broker.")] = "localhost",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port (default: 1883, with --tls 8883).")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Topic filter; may be repeated (default: everything).")] = None,
    rules: Annotated[Path | None, typer.Option("--mapping", help="Mapping file (YAML), if there is one already.")] = None,
    seconds: Seconds = 60.0,
    user: Annotated[str, typer.Option(help="User at the broker.")] = "",
    password: Annotated[str, typer.Option(envvar="MQTT_PASSWORD", help="Password; better given in the environment.")] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt; the broker's certificate is checked.")] = False,
    ca: Annotated[Path | None, typer.Option(help="PEM file of the authority (default: the system's).")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM file of our own certificate.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Listen at an MQTT broker. Units and spans come with Sparkplug births: nodes publish them when they start."""
    require_extra()
    untouched(sheet, overwrite=overwrite)
    from tempfile import TemporaryDirectory

    from bridge.births import Births
    from bridge.mapping import MappingError, load
    from bridge.mqtt import Address
    from bridge.onboard.mqtt import Ear, listen
    from bridge.remedy import SecurityError, connection
    from telemetry.health import Health

    files = [str(path) if path else None for path in (ca, certificate, key)]
    place = Address(host, port or (8883 if tls else 1883), "", tuple(topic or ("#",)), user, password, tls, *files)
    try:
        with TemporaryDirectory() as folder, interruption() as stop:
            ear = Ear(load(rules), Births(Path(folder)), Health())
            listen(place, ear, seconds, stop)
    except (MappingError, SecurityError) as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        _fail(f"{host}:{place.port}: {connection(error)}")
    _propose(ear.signals, sheet, as_json=as_json)


@app.command("csv", epilog=CSV_EXAMPLES)
def csv_file(  # noqa: PLR0913, PLR0917  the same
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV file, plain or .gz: a header line, a column of times, a column per sensor.")
    ],
    sheet: Sheet,
    asset: mapping.Asset = None,
    time_column: Annotated[str | None, typer.Option("--time", help="Column of the time (default: found by its name).")] = None,
    zone: mapping.Zone = "UTC",
    time_format: mapping.TimeFormat = "",
    gap: mapping.Gap = "refuse",
    overlap: mapping.Overlap = "refuse",
    delimiter: mapping.Delimiter = "",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Read a whole file: units from headings like "Temp DE [°C]", periods from its times. Sensors are named as `maint replay csv` does.

    Unless they are stated, --time-format and --delimiter are found from the first lines.
    """
    untouched(sheet, overwrite=overwrite)
    from bridge.onboard.file import FileError, Time, is_time, read
    from simulator.replay import files

    def clock(form: str) -> Time:
        return mapping.clock(zone, time_format or form, gap, overlap).read

    with complain(), bar(path.name, unit="lines") as advance:
        delimiter = delimiter or files.delimiter(path, lambda names: time_column in names if time_column else any(map(is_time, names)))
        try:
            found = read(
                files.rows(path, delimiter=delimiter),
                asset=asset or path.name.split(".")[0],
                clock=clock,
                time_column=time_column,
                progress=lambda lines: advance(lines, None),
            )
        except FileError as error:
            _fail(f"{path}: {error}")
    _propose(found.signals, sheet, as_json=as_json, lines=found.lines)


def _propose(signals: "Sequence[Signal]", sheet: Path, *, as_json: bool, lines: int | None = None) -> None:
    from bridge.onboard.propose import rows, write

    if not signals:
        _fail("nothing found: no sheet written; listen longer, or look below another node or topic")
    proposed = rows(signals)
    write(sheet, proposed)
    doubtful = sum(bool(row["note"]) for row in proposed)
    ruled = sum(bool(row.get("run_state")) for row in proposed)
    assets = len(proposed) - len(signals)
    result = {"sheet": str(sheet), "assets": assets, "sensors": len(signals), "rows_with_note": doubtful, "run_rules_proposed": ruled}
    if as_json:
        print_json(result if lines is None else {**result, "lines_read": lines})
        return
    read = "" if lines is None else f", {lines} lines read"
    print(
        f"{sheet}: {assets} assets, {len(signals)} sensors{read}; {doubtful} rows have a note: "
        f"correct them, then `maint catalogue import {shlex.quote(str(sheet))}`"
    )
    print(f"run rules: {ruled} proposed (column run_state, check them), {assets - ruled} assets without: there stops look like faults")


def _fail(text: str) -> NoReturn:
    typer.echo(f"maint: {text}", err=True)
    raise typer.Exit(1)
