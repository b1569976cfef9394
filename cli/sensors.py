"""maint sensors: what the platform knows of its sensors."""

from typing import Annotated

import typer

from cli.database import reading
from cli.output import AsJson, print_json, print_rows

app = typer.Typer(no_args_is_help=True, help="Sensors: list, show. Example: maint sensors list 'P1.*'")


@app.command("list")
def show_all(
    pattern: Annotated[str, typer.Argument(help="Names, with * and ?.")] = "*",
    asset: Annotated[str, typer.Option(help="Only sensors of this asset.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Sensors with their newest reading.

    Example: maint sensors list 'P1.*'
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, look.SENSORS, {"like": look.like(pattern), "asset": asset, "limit": limit})
    print_rows(found, as_json=as_json, title="sensors", empty="no sensor yet: is anything being sent? see `maint status`")


@app.command()
def show(
    sensor: Annotated[str, typer.Argument(help="Name of the sensor.")],
    last: Annotated[int, typer.Option(min=0, help="Newest readings to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """One sensor: catalogue, state, newest readings.

    Example: maint sensors show P1.temp --last 20
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, look.SENSOR, (sensor,))
        readings = look.rows(connection, look.NEWEST, (sensor, last))
    if not found:
        raise SystemExit(f"no sensor {sensor!r}: see `maint sensors list`")
    if as_json:
        print_json({**found[0], "readings": readings})
        return
    print_rows([{"": name, "value": value} for name, value in found[0].items() if value is not None], as_json=False, title=sensor)
    print_rows(readings, as_json=False, title="newest readings", empty="no readings")
