"""maint bridge: field protocols in, readings out to Kafka; read-only towards the field."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.up import interruption

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.service import Receiving
    from bridge.tally import Tally
    from telemetry.health import Health

app = typer.Typer(
    no_args_is_help=True,
    help="Take readings from the field into Kafka, read-only; they are on disk before the source may forget them. "
    "Example: maint bridge mqtt --host broker.plant",
)

MQTT_EXAMPLES = """Examples:

maint bridge mqtt --host broker.plant — Sparkplug B, names made of group, node, device and metric

maint bridge mqtt --host broker.plant --tls --user maint --mapping plant.yaml — password in MQTT_PASSWORD

maint bridge mqtt --host broker.plant --allow-rebirth — may ask a node for its birth (a write to the node)
"""
OPCUA_EXAMPLES = """Examples:

maint bridge opcua opc.tcp://plc:4840 --nodes nodes.csv — the nodes of a file that `maint onboard opcua` wrote

maint bridge opcua opc.tcp://plc:4840 --browse "ns=2;s=Line1" — every variable below a node

maint bridge opcua opc.tcp://plc:4840 --nodes nodes.csv --security Basic256Sha256,SignAndEncrypt,own.der,own.pem
"""
EXTRA = ("paho", "google", "asyncua", "yaml")

Security = Annotated[
    str,
    typer.Option(help="Policy,Mode,certificate,key[,server certificate]: .der or .pem files; without the server's any server is believed."),
]
Name = Annotated[str, typer.Option(help="Name of this bridge: its buffer, its session; another one beside it needs another name.")]
SpoolMb = Annotated[int, typer.Option(min=4, help="Megabytes of disk for readings while Kafka is away; when full, nothing is read.")]
Sync = Annotated[bool, typer.Option("--sync/--no-sync", help="Readings on disk survive a power cut, or only a crash of the bridge.")]


@app.command("mqtt", epilog=MQTT_EXAMPLES)
def mqtt(  # noqa: PLR0913, PLR0917  a command's options are its interface
    host: Annotated[str, typer.Option(help="The MQTT broker.")] = "localhost",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port (default: 1883, with --tls 8883).")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Topic filter; may be repeated (default: what the mapping knows).")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Mapping file (YAML) (default: Sparkplug B alone).")] = None,
    user: Annotated[str, typer.Option(help="User at the broker.")] = "",
    password: Annotated[str, typer.Option(envvar="MQTT_PASSWORD", help="Password; better given in the environment.")] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt; the broker's certificate is checked.")] = False,
    ca: Annotated[Path | None, typer.Option(help="PEM file of the authority (default: the system's).")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM file of our own certificate.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    allow_rebirth: Annotated[
        bool, typer.Option("--allow-rebirth", help="Ask a Sparkplug node for its birth when data is not understood: a WRITE to the node.")
    ] = False,
    name: Name = "mqtt",
    spool_mb: SpoolMb = 1024,
    sync: Sync = True,
) -> None:
    """Sparkplug B and JSON from an MQTT broker. Nothing is written to the field unless --allow-rebirth is given."""
    require_extra()
    from bridge.births import Births
    from bridge.field import Field
    from bridge.mapping import MappingError, load
    from bridge.mqtt import Address, Listener, encryption
    from bridge.remedy import SecurityError
    from bridge.sparkplug import Plant

    files = [str(path) if path else None for path in (ca, certificate, key)]
    identity = f"maint-bridge-{name}"
    try:
        known = load(mapping)
        address = Address(host, port or (8883 if tls else 1883), identity, tuple(topic or known.filters), user, password, tls, *files)
        encryption(address)
    except (MappingError, SecurityError) as error:
        raise typer.BadParameter(str(error)) from None

    def source(folder: Path, tally: "Tally", health: "Health") -> "Receiving":
        plant = Plant(known.naming, Births(folder / "births"))
        return Listener(address, Field(known, plant, health), tally, health, allow_rebirth=allow_rebirth)

    _run(name, "mqtt", source, spool_mb=spool_mb, sync=sync)


@app.command("opcua", epilog=OPCUA_EXAMPLES)
def opcua(  # noqa: PLR0913, PLR0917  a command's options are its interface
    url: Annotated[str, typer.Argument(metavar="URL", help="Endpoint, like opc.tcp://host:4840.")],
    nodes: Annotated[Path | None, typer.Option(help="CSV file with the columns node, asset_id, sensor_id.")] = None,
    browse: Annotated[str | None, typer.Option(help="Take every variable below this node (NodeId).")] = None,
    period_ms: Annotated[float, typer.Option(min=1, help="Publishing and sampling interval asked of the server, milliseconds.")] = 500.0,
    security: Security = "",
    user: Annotated[str, typer.Option(help="User at the server.")] = "",
    password: Annotated[str, typer.Option(envvar="OPCUA_PASSWORD", help="Password; better given in the environment.")] = "",
    name: Name = "opcua",
    spool_mb: SpoolMb = 1024,
    sync: Sync = True,
) -> None:
    """Data changes of an OPC UA server, with source timestamps and status codes as they come."""
    require_extra()
    from bridge.identity import identity
    from bridge.nodes import NodesError, read
    from bridge.opcua import Endpoint, Subscriber
    from bridge.remedy import SecurityError

    if (nodes is None) == (browse is None):
        raise typer.BadParameter("give either --nodes FILE or --browse NODE")
    try:
        chosen = read(nodes) if nodes else ()
        endpoint = Endpoint(url, period_ms, identity(security) if security else None, user, password)
    except (NodesError, SecurityError) as error:
        raise typer.BadParameter(str(error)) from None

    def source(_folder: Path, tally: "Tally", health: "Health") -> "Receiving":
        return Subscriber(endpoint, chosen, browse or "", tally, health)

    _run(name, "opcua", source, spool_mb=spool_mb, sync=sync)


def require_extra() -> None:
    """End with the remedy when the optional packages are missing."""
    from importlib.util import find_spec

    missing = [package for package in EXTRA if not find_spec(package)]
    if missing:
        typer.echo(f"maint: the bridge needs packages that are not installed ({', '.join(missing)}); run `make bridge`", err=True)
        raise typer.Exit(1)


def _run(name: str, protocol: str, source: "Callable[[Path, Tally, Health], Receiving]", *, spool_mb: int, sync: bool) -> None:
    from bridge.kafka import Kafka
    from bridge.service import BusyError, Store, run
    from bridge.tally import Tally
    from settings import load
    from telemetry import logs
    from telemetry.health import Health
    from telemetry.server import port_file, serve

    settings = load()
    logs.configure(service=f"bridge-{name}", level=settings.log_level, form=settings.log_format)
    store = Store(settings.home / "bridge" / name, spool_mb * 1_000_000, sync)
    health = Health()
    server = serve(health, port=settings.metrics_port, file=port_file(settings.home, f"bridge-{name}"))
    try:
        with interruption() as stop:
            run(source(store.folder, Tally(protocol, health), health), store, Kafka(settings, name), health, stop)
    except BusyError as error:
        typer.echo(f"maint: {error}", err=True)
        raise typer.Exit(1) from None
    finally:
        server.close()
