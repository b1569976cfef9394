"""maint waveform: waveforms in the archive, from the frames at which conditions began."""

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.database import reading
from cli.output import AsJson, print_json, print_rows

app = typer.Typer(no_args_is_help=True, help="Archived waveforms: list, get. Example: maint waveform get 5f0d2a3c --out burst.npz")

LIST: Final = """select ts, sensor, kind, detector, rate_hz, samples, unit, address, waveform_id from plant.waveform
  where (%(sensor)s = '' or sensor = %(sensor)s) and (%(asset)s = '' or asset = %(asset)s) order by ts desc limit %(limit)s"""
GET: Final = "select * from plant.waveform where waveform_id::text like %s order by ts desc limit 2"


@app.command("list")
def show_all(
    sensor: Annotated[str, typer.Option(help="Only this sensor.")] = "",
    asset: Annotated[str, typer.Option(help="Only this asset.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Archived waveforms, newest first, and the condition whose begin kept them.

    Example: maint waveform list --sensor P-101.DE.vib
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, LIST, {"sensor": sensor, "asset": asset, "limit": limit})
    print_rows(
        found, as_json=as_json, title="waveforms", empty="no waveform yet: one is kept when a level-1 condition of its sensor begins"
    )


@app.command()
def get(
    name: Annotated[str, typer.Argument(help="Id of a waveform, or its beginning.")],
    out: Annotated[Path, typer.Option("--out", help="File to write, best named .npz.")],
    as_json: AsJson = False,
) -> None:
    """Copy a waveform out of the archive; np.load opens it. Refused when its bytes are not those that were stored.

    Example: maint waveform get 5f0d2a3c --out burst.npz
    """
    from hashlib import sha256

    from settings import load
    from sinks.archive import keeper
    from sinks.errors import Fault, Unreachable
    from store import look

    with reading() as connection:
        found = look.rows(connection, GET, (look.like(name) + "%",))
    if len(found) != 1:
        raise SystemExit(f"{'no' if not found else 'more than one'} waveform with an id {name!r}: see `maint waveform list`")
    row = found[0]
    try:
        content = keeper(load(), row["address"]).get(row["address"])
    except (Unreachable, Fault) as problem:
        raise SystemExit(str(problem)) from None
    if sha256(content).hexdigest() != row["sha256"]:
        raise SystemExit(f"{row['address']}: not the bytes that were stored (SHA-256 differs); nothing was written")
    out.write_bytes(content)
    if as_json:
        print_json({"file": str(out), **row})
    else:
        about = f"{row['samples']} values of {row['sensor']} in {row['unit']}, {row['rate_hz']:g} a second"
        typer.echo(f"{out}: {about}, from {row['ts']:%Y-%m-%d %H:%M:%S}")
