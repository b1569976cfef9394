"""make bench-models DATA=FOLDER: one row a model and data set, its deciding figure beside baselines and the best published one.

python -m models.bench FOLDER [--only NAME ...] [--seed N]; BENCH_JSON=FILE writes every figure.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table

from models.card import Card, Figure
from models.catalogue import RECIPES
from models.tracking import first_line
from models.training import Missing, Ready, plan

WIDTH: Final = 220  # columns where no terminal says how many there are


def rows(card: Card) -> Iterator[dict[str, Any]]:
    """One row per figure of a card."""
    for figure in card.figures:
        told = asdict(figure)
        yield {"model": card.name, "task": card.task, "judged": card.judged, **told, "baseline": figure.trivial, "ratio": ratio(figure)}


def ratio(figure: Figure) -> float:
    """Ours against the best published figure; above 1 is better, whichever direction the metric has. NaN: none is known.

    >>> ratio(Figure("set", "split", "RMSE", 10.0, "lower", published=12.5))
    1.25
    """
    ours, theirs = (figure.value, figure.published) if figure.better == "higher" else (figure.published, figure.value)
    return ours / theirs if math.isfinite(ours) and math.isfinite(theirs) and theirs else float("nan")


def judge(ready: Sequence[Ready], seed: int) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Train each model and read its card; rows, and reasons of failures by name."""
    found: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    for each in ready:
        began = time.monotonic()
        try:
            found += rows(each.recipe.train(each.folder, seed).card)
            told = "judged"
        except Exception as error:  # noqa: BLE001  one model that fails does not hide the others
            failed[each.recipe.name] = told = first_line(error)
        sys.stderr.write(f"{each.recipe.name}: {told}, {time.monotonic() - began:.0f} s\n")
    return found, failed


def foremost(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a model and data set: its first figure, which decides."""
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found:
        chosen.setdefault((row["model"], row["data_set"]), row)
    return list(chosen.values())


def table(found: Sequence[dict[str, Any]]) -> Table:
    """The foremost rows for people."""
    made = Table(title="models, deciding figures; BENCH_JSON=FILE writes all, and whether each is of what is served or of its fold members")
    for name in ("model", "data set", "metric", "trivial", "simple", "best published", "ours", "95 %", "ratio"):
        made.add_column(name, overflow="fold")
    for row in foremost(found):
        published = f"{_short(row['published'])} {row['source']}".strip()
        interval = f"{_short(row['low'])} to {_short(row['high'])}" if math.isfinite(row["low"]) else ""
        simple = f"{_short(row['simple'])} {row['simple_name']}".strip()
        trivial = f"{_short(row['trivial'])} {row['trivial_name']}".strip()
        made.add_row(
            row["model"], row["data_set"], row["metric"], trivial, simple, published, _short(row["value"]), interval, _short(row["ratio"])
        )
    return made


def lacking(missing: Sequence[Missing]) -> Table:
    """What could not be judged, and what it needs."""
    made = Table(title="not judged: data is not there")
    for name in ("model", "folder", "how to get it"):
        made.add_column(name, overflow="fold")
    for each in missing:
        made.add_row(each.name, each.folder, each.get)
    return made


def _short(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, write; 1 when a model failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with a folder per data set")
    parser.add_argument("--only", nargs="+", default=[], choices=[recipe.name for recipe in RECIPES], metavar="NAME", help="these models")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    ready, missing = plan([recipe for recipe in RECIPES if not given.only or recipe.name in given.only], given.data)
    found, failed = judge(ready, given.seed)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(table(found))
    if missing:
        console.print(lacking(missing))
    for name, reason in failed.items():
        console.print(f"{name} failed: {reason}", markup=False)
    if path := os.environ.get("BENCH_JSON"):
        told = {"seed": given.seed, "figures": found, "failed": failed, "missing": [asdict(each) for each in missing]}
        Path(path).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
