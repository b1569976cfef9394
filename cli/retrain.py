"""maint models retrain: train again what is due, and let it challenge the champion."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.announce import announce
from cli.output import AsJson, print_json, print_rows
from cli.registry import opened

EXAMPLES = """Examples:

maint models retrain level2_P-101 — now, unless it was tried within 24 hours

maint models retrain --due --json — everything that is due: run it once an hour
"""


def retrain(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of models.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Every model that has a cause: drift, new outcomes, 30 days.")] = False,
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder with a folder per data set.")] = Path("data"),
    limit: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="A training that takes longer is ended.")] = 1200.0,
    as_json: AsJson = False,
) -> None:
    """Train models again, one after the other, each in a process of its own; what passes the gate becomes challenger, never champion.

    Detectors of one machine learn its accepted reference and the normal windows since; they must beat the champion on recent rows
    and be no worse on frozen ones. Models of the catalogue learn their data set again.
    Exit code 1: a training failed, took too long, or a model that was named could not be trained.
    """
    from datetime import UTC, datetime

    from models import relearn
    from settings import load
    from store.database import connect

    if due == bool(names):
        raise typer.BadParameter("name models or give --due")
    settings = load()
    means = relearn.Means(data, lambda: connect(settings, autocommit=True), limit)
    with opened() as registry:
        known = {champion.name: champion for champion in relearn.champions(registry)}
        strange = [name for name in names or () if name not in known]
        if strange:
            raise typer.BadParameter(
                f"no champion that can be trained again: {', '.join(strange)}; there are: {', '.join(known) or 'none'}"
            )
        made = []
        for name in names or known:
            made.append(relearn.relearn(registry, known[name], means, now=datetime.now(UTC), asked=not due))
            if made[-1].version:
                announce(settings, registry.version(name, made[-1].version), "registered", reason=made[-1].why)
    rows = [asdict(each) for each in made if not due or each.result != "not due"]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, as_json=False, title="trained again", empty="nothing is due")
    wrong = relearn.WRONG if due else relearn.WRONG | {"cooldown", "no data"}
    if any(each.result in wrong for each in made):
        raise typer.Exit(1)
