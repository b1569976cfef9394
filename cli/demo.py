"""maint demo: everything started, a simulated plant with faults, and what the platform makes of it, checked against the truth."""

import threading
import time
from typing import TYPE_CHECKING, Annotated

import typer

from cli.board import board
from cli.progress import complain
from cli.up import interruption

if TYPE_CHECKING:
    from settings import Settings
    from stack.native import Stack

EXAMPLES = """Examples:

maint demo — until Ctrl-C, which stops all of it

DEMO_SECONDS=60 maint demo — ends by itself; exit code 1 if the ledger does not balance or no fault was found
"""


def demo(
    seconds: Annotated[
        float | None, typer.Option(envvar="DEMO_SECONDS", min=1, help="Length of the live part (default: until Ctrl-C).")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated plant.")] = 1,
) -> None:
    """Start everything, simulate a plant with faults, show live what the platform finds."""
    from settings import load
    from stack import kafka
    from stack.native import Stack

    began = time.monotonic()
    kafka.brief()
    with complain(), interruption() as stop:
        stack = Stack(load().home)
        started = not stack.supervisor.alive()
        try:
            settings = _up(stack, stop)
            from cli.show import Show

            passed = Show(settings, seed, seconds, stop, began).run()
        finally:
            if started:
                with board() as show:
                    stack.report = show.report
                    stack.down()
    raise typer.Exit(0 if passed else 1)


def _up(stack: "Stack", stop: threading.Event) -> "Settings":
    with board() as show:
        stack.report = show.report
        return stack.up(cancelled=stop.is_set)
