"""maint models fit: a detector of one's own machine, from its accepted reference."""

import json
from datetime import datetime
from typing import Annotated, Literal

import typer

from cli.announce import announce
from cli.moment import FORMATS, utc
from cli.output import AsJson, print_json
from cli.registry import opened

EXAMPLES = """Examples:

maint models fit --asset P-101 — from the period of its accepted references

maint models fit --asset P-101 --baseline 2026-03-01 2026-03-15 --window 600
"""


def fit(  # noqa: PLR0913, PLR0917  a command's options are its interface
    asset: Annotated[str, typer.Option(help="The asset.")],
    asset_class: Annotated[str, typer.Option("--class", help="Its class; default: what the catalogue says.")] = "",
    period: Annotated[
        tuple[datetime, datetime] | None,
        typer.Option("--baseline", metavar="FROM TO", formats=FORMATS, help="A healthy period; default: that of the accepted references."),
    ] = None,
    window: Annotated[Literal["60", "600"], typer.Option(help="Length of the windows, seconds.")] = "60",
    detector: Annotated[str, typer.Option(help="Name of the mechanism.")] = "t2spe",
    seed: Annotated[int, typer.Option(min=0, help="Of the shifts that are injected to judge it.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train a level-2 detector per operating mode on residuals freed of the drivers, judge it on the last 30 % of the period, register it.

    The figures are of the judged stretch: false episodes per 30 machine days, and the share found of injected shifts.
    A detector that is nearly deaf is registered with a warning; one that is so in every mode does not become champion by itself.
    """
    from dataclasses import replace

    from cli.database import reading
    from models.fit import fit as fitted
    from models.hearing import UNHEARD, doubt, warnings
    from models.reference import accepted, baseline
    from models.runs import register

    with opened() as registry:
        with reading() as connection:
            chosen = (utc(period[0]), utc(period[1])) if period else accepted(connection, asset)
            found = baseline(connection, asset, chosen, int(window))
        trained = fitted(replace(found, asset_class=asset_class or found.asset_class), detector, seed)
        columns, modes = int(trained.artifact.options["columns"]), len(trained.artifact.options["modes"])
        known = register(registry, trained, seed=seed, judged=doubt(trained.card, columns, modes))
        announce(registry.settings, known, "registered")
    told = warnings(known.card, columns)
    if as_json:
        figures = [{"metric": each.metric, "value": each.value} for each in known.card.figures]
        print_json({**known.row(), "figures": figures, "warnings": told, UNHEARD: json.loads(known.card.tags.get(UNHEARD, "{}"))})
        return
    print(f"{known.name}: version {known.number} ({', '.join(sorted(known.aliases))}), {len(found.rows)} windows; gate: {known.gate}")
    for figure in known.card.figures:
        interval = f" ({figure.low:.3g} to {figure.high:.3g})" if figure.low == figure.low else ""
        print(f"  {figure.metric}: {figure.value:.4g}{interval}; {figure.protocol}")
    for each in told:
        typer.echo(f"maint: warning: {each}", err=True)
