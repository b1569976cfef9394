"""Progress on the terminal, and one clear line instead of a traceback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def bar(title: str, *, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on standard error; yields a function of (done, in all or None). Silent when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{title} ({unit})", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def complain() -> Iterator[None]:
    """Turn the errors a user can mend into one line on standard error and exit code 1."""
    from simulator.fault import PlanError
    from simulator.publish import UndeliveredError
    from simulator.replay.files import ReplayError
    from stack.problem import StackError

    try:
        yield
    except (PlanError, ReplayError, StackError, UndeliveredError) as error:
        typer.echo(f"maint: {error}", err=True)
        raise typer.Exit(1) from None
