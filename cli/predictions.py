"""maint predictions: what is known of the future of each asset, and what that rests on."""

from typing import Annotated

import typer

from cli import history
from cli.database import reading
from cli.output import AsJson, print_json, print_rows

app = typer.Typer(no_args_is_help=True, help="Predictions: list, show, history. Example: maint predictions list --soonest")
app.command(epilog=history.EXAMPLES)(history.history)


@app.command("list")
def show_all(
    asset: Annotated[str, typer.Option(help="Only this asset.")] = "",
    soonest: Annotated[bool, typer.Option("--soonest", help="Only with a time to limit or remaining life, the soonest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest prediction of each asset, the most severe first.

    Example: maint predictions list --soonest
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, look.PREDICTIONS, {"asset": asset, "soonest": soonest, "limit": limit})
    print_rows(found, as_json=as_json, title="predictions", empty="no prediction yet: the first comes with ten minutes of readings")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Asset, or id of a prediction or its beginning.")],
    as_json: AsJson = False,
) -> None:
    """The newest prediction of an asset, or the one with an id: with its reasons, its inputs and the health of its sensors.

    Example: maint predictions show P-101
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, look.PREDICTION, (name,)) or look.rows(connection, look.PREDICTION_ID, (look.like(name) + "%",))
    if len(found) != 1:
        told = "no prediction" if not found else "more than one prediction"
        raise SystemExit(f"{told} of an asset or with an id {name!r}: see `maint predictions list`")
    if as_json:
        print_json(found[0])
        return
    nested = {key: found[0].pop(key) for key in ("parts", "candidates", "inputs", "outputs", "hours", "deviation", "forecasts")}
    plain = [{"": key, "value": value} for key, value in found[0].items() if value not in (None, "")]
    print_rows(plain, as_json=False, title="prediction")
    print_rows(nested["parts"], as_json=False, title="health of sensors", empty="no health of any sensor")
    print_rows(nested["forecasts"], as_json=False, title="forecasts", empty="no forecast of a key signal: see forecast_reason")
    print_rows(nested["candidates"], as_json=False, title="candidates, not findings", empty="no failure mode is named")
