"""maint rebase: accept that an input topic was recreated or truncated."""

from typing import Annotated

import typer

from cli.output import AsJson, print_rows

EXAMPLES = "Examples: maint rebase --dry-run ; maint rebase --accept-loss"


def rebase(
    dry_run: Annotated[bool, typer.Option(help="Only show which states and positions no longer fit their topic.")] = False,
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Count holes nobody will fill as expired; workers may go on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget states and positions of topics that were recreated or truncated; workers must be stopped.

    Workers and sinks begin the new topic at its first offset. Stored rows stay.
    """
    from dataclasses import asdict

    from cli.database import reading
    from settings import load
    from sinks import rebase as sinks_rebase
    from streams import rebase as streams_rebase

    settings = load()
    found = [] if accept_loss else [asdict(each) for each in streams_rebase.rebase(settings, dry_run=dry_run)]
    with reading() as connection:
        changes = sinks_rebase.rebase(settings, connection, dry_run=dry_run, accept_loss=accept_loss)
    found += [{"agent": "sink", **asdict(each)} for each in changes]
    print_rows(found, as_json=as_json, title="forgotten", empty="every state and position fits its topic")
