"""maint topics: which topics there are, what writes and reads them, and what a foreign cluster needs."""

from typing import Any

import typer

from cli.output import AsJson, print_json, print_rows

app = typer.Typer(no_args_is_help=True, help="Topics: list, create, plan. Example: maint topics plan")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """The table of topics.

    Example: maint topics list
    """
    from dataclasses import asdict

    from settings import load
    from streams.topics import TOPICS

    settings = load()
    print_rows([{**asdict(topic), "name": settings.topic(topic.name)} for topic in TOPICS], as_json=as_json, title="topics")


@app.command()
def create(as_json: AsJson = False) -> None:
    """Create the topics that are missing.

    Example: KAFKA_BOOTSTRAP_SERVERS=broker:9092 maint topics create
    """
    from settings import load
    from streams.admin import create_topics

    created = create_topics(load())
    print_rows([{"created": name} for name in created], as_json=as_json, empty="every topic exists")


@app.command()
def plan(as_json: AsJson = False) -> None:
    """Topics, settings and access rights for the administrator of a foreign cluster.

    Example: maint topics plan --json > plan.json
    """
    from settings import load
    from streams import admin

    settings = load()
    found = admin.plan(settings)
    if as_json:
        print_json(found)
        return
    print_rows([_topic(topic) for topic in found["topics"]], as_json=False, title="topics")
    print_rows(found["acls"], as_json=False, title="access rights")
    if settings.replication_factor == 1:
        typer.echo("one copy of every topic: MAINT_REPLICATION_FACTOR=3 plans for a cluster that survives the loss of a broker", err=True)
    kept = settings.topic_retention_bytes // 2**20
    typer.echo(f"{kept:,} MiB of a topic are kept at most: MAINT_TOPIC_RETENTION_BYTES sets another size", err=True)


def _topic(topic: dict[str, Any]) -> dict[str, Any]:
    return {**topic, "config": "\n".join(f"{key}={value}" for key, value in sorted(topic["config"].items()))}
