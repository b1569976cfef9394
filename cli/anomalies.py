"""maint anomalies: episodes and what they are made of."""

from typing import Annotated

import typer

from cli.database import reading
from cli.output import AsJson, print_json, print_rows

app = typer.Typer(no_args_is_help=True, help="Anomaly episodes: list, show. Example: maint anomalies list --open")


@app.command("list")
def show_all(
    asset: Annotated[str, typer.Option(help="Only episodes of this asset.")] = "",
    only_open: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Episodes, newest first.

    Example: maint anomalies list --open
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, look.EPISODES, {"asset": asset, "open": only_open, "limit": limit})
    print_rows(found, as_json=as_json, title="episodes", empty="no open episode" if only_open else "no episode yet")


@app.command()
def show(
    episode: Annotated[str, typer.Argument(help="Id of the episode, or its beginning.")],
    as_json: AsJson = False,
) -> None:
    """One episode: its state, the sensors in it, its steps.

    Example: maint anomalies show 5f0d2a3c
    """
    from store import look

    with reading() as connection:
        found = look.rows(connection, look.EPISODE, (look.like(episode) + "%",))
        if len(found) != 1:
            raise SystemExit(f"{'no' if not found else 'more than one'} episode begins with {episode!r}: see `maint anomalies list`")
        key = (found[0]["episode_id"],)
        contributions, steps = look.rows(connection, look.CONTRIBUTIONS, key), look.rows(connection, look.STEPS, key)
    if as_json:
        print_json({**found[0], "contributions": contributions, "steps": steps})
        return
    print_rows([{"": name, "value": value} for name, value in found[0].items() if value is not None], as_json=False, title="episode")
    print_rows(contributions, as_json=False, title="sensors", empty="no contributions")
    print_rows(steps, as_json=False, title="steps")
