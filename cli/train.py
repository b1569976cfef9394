"""maint train: train named models and register them."""

from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.announce import announce
from cli.output import AsJson, print_json, print_rows
from cli.registry import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from models.registry import Registry
    from models.training import Missing, Ready

EXAMPLES = """Examples:

maint train --all — every model whose data is below ./data, and those that need none

maint train ai4i_margins_hgb --data /mnt/sets — one model

maint train --all --seed 1 --promote — and make champion what beats the champion
"""


def train(  # noqa: PLR0913, PLR0917  a command's options are its interface
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of models; see `maint models list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every model.")] = False,
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder with a folder per data set.")] = Path("data"),
    seed: Annotated[int, typer.Option(min=0, help="Equal data, seed and libraries give equal figures.")] = 0,
    promote: Annotated[bool, typer.Option("--promote", help="Make champion what passes the gate.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train models, log runs with every figure, and register versions.

    The first version that beats its trivial baseline is champion; later ones challenge it (`maint models promote`).
    Models whose data is not there are listed with the folder they need and where to get it.
    Exit code 1: a training failed.
    """
    from models.catalogue import RECIPES
    from models.training import plan

    if every == bool(names):
        raise typer.BadParameter("name models or give --all")
    known = {recipe.name: recipe for recipe in RECIPES}
    strange = [name for name in names or () if name not in known]
    if strange:
        raise typer.BadParameter(f"no model {', '.join(strange)}; known: {', '.join(known)}")
    with opened() as registry:
        registry.versions()  # a server that is away is told before hours of training
        ready, missing = plan([known[name] for name in names or known], data)
        rows, failed = _train(registry, ready, seed, promote=promote)
    _show(rows, failed, missing, as_json=as_json)
    if failed or (names and missing):
        raise typer.Exit(1)


def _train(registry: "Registry", ready: "Sequence[Ready]", seed: int, *, promote: bool) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Lines of the table, and reasons of failures by name: one model that fails does not keep the others from being trained."""
    from models.promotion import promote as crown
    from models.tracking import first_line
    from models.training import train as one
    from models.version import CHALLENGER, PASSED

    rows: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    with _progress(len(ready)) as step:
        for each in ready:
            name = each.recipe.name
            step(name)
            try:
                row = one(registry, each, seed)
                if promote and row["gate"] == PASSED and CHALLENGER in row["aliases"]:
                    row["aliases"] = sorted(crown(registry, name, row["version"]).aliases)
                announce(registry.settings, registry.version(name, row["version"]), "registered")
                rows.append(row)
            except Exception as error:  # noqa: BLE001  told with its name; the exit code says it, too
                failed[name] = first_line(error)
            step("")
    return rows, failed


@contextmanager
def _progress(total: int) -> "Iterator[Callable[[str], None]]":
    """Models done of all, the one at work and the time; yields a function told the name of the next, or "" when one is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        yield lambda name: progress.update(task, description=name) if name else progress.advance(task)


def _show(rows: list[dict[str, Any]], failed: dict[str, str], missing: "list[Missing]", *, as_json: bool) -> None:
    lacking = [asdict(each) for each in missing]
    if as_json:
        print_json({"trained": rows, "failed": failed, "missing": lacking})
        return
    shown = [
        {**row, "value": _short(row["value"]), "baseline": _short(row["baseline"]), "aliases": ", ".join(row["aliases"])} for row in rows
    ]
    print_rows(shown, as_json=False, title="trained", empty="no model was trained")
    if lacking:
        print_rows(lacking, as_json=False, title="data is not there")
    for name, reason in failed.items():
        typer.echo(f"{name} failed: {reason}", err=True)


def _short(value: float | None) -> str:
    """A figure for people.

    >>> _short(0.8123456), _short(12.0), _short(None), _short(float("nan"))
    ('0.8123', '12', '', '')
    """
    return "" if value is None or value != value else f"{value:.4g}"  # noqa: PLR0124  only NaN differs from itself
