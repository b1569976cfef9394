"""What is wrong with a sheet, in words a planner can act on."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend or to know.

    Attributes:
        row: number as the spreadsheet shows it; 0 = the whole file.
        column: name of the column; empty = the whole row.
        value: what stands there.
        problem: what is wrong with it.
        remedy: what to write instead.
        note: true if it does not keep the sheet from being imported.
    """

    row: int
    column: str = ""
    value: str = ""
    problem: str
    remedy: str
    note: bool = False


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that keep a sheet from being imported."""
    return [problem for problem in problems if not problem.note]


def table(file: str, problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Rows for people and programs, in the order of the sheet."""
    ordered = sorted(problems, key=lambda problem: (problem.row, problem.note))
    return [{"file": file, **asdict(problem), "note": "note" if problem.note else "error"} for problem in ordered]
