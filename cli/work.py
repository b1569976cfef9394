"""maint work: the worker processes."""

from typing import Annotated, Literal

import typer


def work(
    plane: Annotated[Literal["data", "control"], typer.Argument(help="data: readings, frames. control: what follows.")],
) -> None:
    """Run a worker until it is stopped; several of the same kind share the partitions.

    Example: maint work data
    """
    from settings import load
    from streams.worker import run

    run(plane, load())
