"""maint rebase: accept that an input topic was recreated or truncated."""

from typing import Annotated

import typer

from cli.output import AsJson, print_rows

EXAMPLES = "Examples: maint rebase --dry-run"


def rebase(
    dry_run: Annotated[bool, typer.Option(help="Only show which states no longer fit their topic.")] = False, as_json: AsJson = False
) -> None:
    """Forget states built from a topic that was recreated or truncated; workers must be stopped.

    The next worker begins the new topic at its first offset. Stored rows stay.
    """
    from dataclasses import asdict

    from settings import load
    from streams import rebase as streams_rebase

    found = streams_rebase.rebase(load(), dry_run=dry_run)
    print_rows([asdict(each) for each in found], as_json=as_json, title="states forgotten", empty="every state fits its topic")
