"""maint up and maint down: start and stop everything."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.board import Board, board
from cli.output import AsJson, print_json
from cli.progress import complain

if TYPE_CHECKING:
    from settings import Settings
    from stack.native import Stack

LOOK_S = 5.0  # between two looks at what runs

UP_EXAMPLES = """Examples:

maint up — Kafka, PostgreSQL, workers and sink; Ctrl-C stops all of it

maint up --detach — the same in the background, until `maint down`

maint up --profile full — also schema registry, object store, MLflow and Valkey

KAFKA_BOOTSTRAP_SERVERS=broker:9092 maint up — with a Kafka that is already there
"""
DOWN_EXAMPLES = """Examples:

maint down — stop everything, keep the data

maint down --purge — stop everything and remove data, logs and secrets of this instance
"""


def up(
    profile: Annotated[Literal["core", "full"], typer.Option(help="What to start.")] = "core",
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything is healthy.")] = False,
    servers_only: Annotated[bool, typer.Option("--servers-only", help="Without workers and sink.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the stack in MAINT_HOME; servers named in the environment are used as they are."""
    from settings import load
    from stack.native import Stack

    with complain(), interruption() as stop, board() as show:
        stack = Stack(load().home, profile, show.report)
        settings = _start(stack, stop, servers_only=servers_only)
        show.report("ready", "running", _addresses(settings))
        if as_json:
            print_json(
                {"home": str(settings.home), "profile": profile, "kafka": settings.kafka_bootstrap_servers, "database": _database(settings)}
            )
        if detach:
            return
        try:
            _watch(stack, show, stop)
        finally:
            stack.down()


def down(
    purge: Annotated[bool, typer.Option("--purge", help="Also remove data, logs and secrets.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop everything of this instance, also what a killed supervisor left behind."""
    from settings import load
    from stack.native import Stack

    home = load().home
    with complain(), board() as show:
        Stack(home, report=show.report).down(purge=purge)
    if as_json:
        print_json({"home": str(home), "stopped": True, "purged": purge})


def _start(stack: "Stack", stop: threading.Event, *, servers_only: bool) -> "Settings":
    """Start; when that fails or is interrupted, leave nothing running that did not run before."""
    ran = stack.supervisor.alive()
    try:
        return stack.up(servers_only=servers_only, cancelled=stop.is_set)
    except BaseException:
        if not ran:
            stack.down()
        raise


def _watch(stack: "Stack", show: Board, stop: threading.Event) -> None:
    while not stop.wait(LOOK_S):
        status = stack.status()
        for service in status.services:
            show.report(service.name, service.state, service.reason)
        show.report("disk", "degraded" if status.disk.warning else "running", status.disk.warning)


def _addresses(settings: "Settings") -> str:
    return f"Kafka {settings.kafka_bootstrap_servers}, database {_database(settings)} (`maint sql` prints the whole address)"


def _database(settings: "Settings") -> str:
    """Address without user and password."""
    return settings.database_url.get_secret_value().rpartition("@")[2]


@contextmanager
def interruption() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set; the second Ctrl-C ends at once."""
    stop = threading.Event()

    def note(number: int, _: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {name: signal.signal(name, note) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
