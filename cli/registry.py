"""The registry of models for a command; what goes wrong becomes one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from models.registry import Registry


@contextmanager
def opened() -> Iterator["Registry"]:
    """This instance's registry; errors of MLflow, of files and of data sets end the command with their reason."""
    from models.artifact import ArtifactError
    from models.datasets import DataError
    from models.fit import FitError
    from models.registry import Registry
    from models.tracking import RegistryError
    from settings import load

    try:
        yield Registry(load())
    except (RegistryError, ArtifactError, DataError, FitError) as error:
        typer.echo(f"maint: {error}", err=True)
        raise typer.Exit(1) from None
