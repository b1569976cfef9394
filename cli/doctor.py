"""maint doctor: is everything fit to run, and what to do where it is not."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from cli.output import AsJson, print_json

if TYPE_CHECKING:
    from settings import Settings
    from stack.check import Check

CLOCK_S_MAX = 1.0
EXAMPLES = """Examples:

maint doctor — every finding with its remedy; exit code 1 when one fails

maint doctor --json | jq '.[] | select(.state != "ok")'
"""


def doctor(as_json: AsJson = False) -> None:
    """Look at this machine, the broker, the database and the registry."""
    from settings import load

    findings: list[Check] = []
    for check in _checks(load()):
        findings.append(check)
        if not as_json:
            _show(check)
    if as_json:
        print_json([asdict(check) for check in findings])
    raise typer.Exit(1 if any(check.state == "fail" for check in findings) else 0)


def _checks(settings: "Settings") -> Iterator["Check"]:
    from stack import cluster, machine
    from stack.instance import Instance
    from streams.topics import TOPICS

    yield from machine.checks(Instance(settings.home))
    if not settings.kafka_bootstrap_servers:
        yield _nothing("broker", "KAFKA_BOOTSTRAP_SERVERS")
    else:
        yield from cluster.checks(settings, {settings.topic(topic.name): topic.log_append_time for topic in TOPICS})
    yield from _database(settings)
    yield from _registry(settings)


def _nothing(name: str, variable: str) -> "Check":
    from stack.check import Check

    return Check(name, "fail", "none is known", f"`maint up`, or set {variable}")


def _database(settings: "Settings") -> Iterator["Check"]:
    import psycopg

    from stack.check import Check, judged

    address = settings.database_url.get_secret_value()
    if not address:
        yield _nothing("database", "DATABASE_URL")
        return
    try:
        with psycopg.connect(address, connect_timeout=5) as connection:
            version = connection.info.server_version
            fine = version >= 150_000
            yield judged("database", f"PostgreSQL {version // 10_000}.{version % 10_000}", fine=fine, remedy="PostgreSQL 15 or newer")
            connection.execute("SELECT 1")
            began = time.time()
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
            offset_s = (row[0] if row else 0) - (began + time.time()) / 2
    except psycopg.OperationalError as error:
        yield Check("database", "fail", str(error).splitlines()[0], "`maint up`, or correct DATABASE_URL")
        return
    fine = abs(offset_s) <= CLOCK_S_MAX
    yield judged("database clock", f"{offset_s:+.3f} s from ours", fine=fine, remedy="synchronise clocks (NTP)", otherwise="warn")


def _registry(settings: "Settings") -> Iterator["Check"]:
    from stack import registry
    from stack.check import Check, judged

    address = settings.schema_registry_url
    if not address:
        yield Check("registry", "ok", "none in use: schemas come from the repository")
        return
    reason = registry.probe(address)
    yield judged("registry", reason or address, fine=not reason, remedy="readings of known schemas go on without it", otherwise="warn")


def _show(check: "Check") -> None:
    colour = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}[check.state]
    remedy = f" → {check.remedy}" if check.remedy else ""
    typer.echo(f"{typer.style(f'{check.state:5}', fg=colour)} {check.name}: {check.detail}{remedy}")
