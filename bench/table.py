"""Figures for people and for machines."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Figure

SIGNS = {True: "[green]yes", False: "[red]no", None: ""}


def show(figures: Iterable[Figure]) -> None:
    """Print a table."""
    table = Table("figure", "value", "unit", "goal", "met", "how", title="make bench")
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:,}", figure.unit, figure.goal, SIGNS[figure.met], figure.detail)
    Console(width=180).print(table)


def write(figures: Iterable[Figure]) -> None:
    """Write the figures to the file that BENCH_JSON names, if it does."""
    target = os.environ.get("BENCH_JSON")
    if target:
        Path(target).write_text(json.dumps({"figures": [asdict(figure) for figure in figures]}, indent=1), encoding="utf-8")
