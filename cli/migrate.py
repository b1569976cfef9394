"""maint migrate."""

from typing import TYPE_CHECKING

import typer

from cli.output import AsJson, print_json

if TYPE_CHECKING:
    from settings import Settings

EXAMPLES = """Examples:

  maint migrate            tables and views of this release

  maint migrate --down     remove them with all data (asks first)
"""


def migrate(
    down: bool = typer.Option(False, "--down", help="Remove all tables, with their data."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before --down."),
    as_json: AsJson = False,
) -> None:
    """Bring the database to this release's tables and views. May be repeated at any time."""
    import psycopg

    from settings import load
    from store import migrate as migrations
    from store.database import Unconfigured
    from store.flavour import Unsuitable

    settings = load()
    if down and not yes:
        typer.confirm("Remove all measurements, episodes and the ledger?", abort=True)
    try:
        if down:
            migrations.downgrade(settings)
        flavour = None if down else migrations.upgrade(settings)
    except (Unconfigured, Unsuitable, psycopg.Error) as error:
        raise SystemExit(f"migrate: {str(error).strip()}") from None
    problems = [] if down else register(settings)
    if as_json:
        print_json({"flavour": flavour, "removed": down, "registry_problems": problems})
    else:
        typer.echo("all tables are removed" if down else f"tables and views are up to date ({flavour})")
        for problem in problems:
            typer.echo(f"schema registry: {problem}", err=True)


def register(settings: "Settings") -> list[str]:
    """Register the records of all topics, if there is a registry; returns what went wrong. Nothing needs it at run time."""
    from schemas.registry import Registered, Registry
    from streams.topics import TOPICS

    if not settings.schema_registry_url:
        return []
    with Registry(settings.schema_registry_url) as registry:
        answers = registry.publish({settings.topic(topic.name): topic.schema.split(", ") for topic in TOPICS})
    return [answer.detail for answer in answers if not isinstance(answer, Registered)]
