"""The sheet: rows of cells to what they state of assets and sensors, and entries to rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from catalogue import cell, grid
from catalogue.cell import is_decimal_comma
from catalogue.columns import ASSET, BY_NAME, DEFAULTS, HEADER, NEEDED, NUMBER, SENSOR, Column
from catalogue.entry import Catalogue, Entry, Subject, blank, subject
from catalogue.grammar import Unreadable
from catalogue.grid import Grid
from catalogue.problem import Problem

KEY_BYTES_MAX: Final = 200
SHOWN_MAX: Final = 80  # characters of a value in a message


@dataclass(frozen=True, slots=True)
class Row:
    """What one row states. A column the sheet does not have is not stated; an empty cell states that nothing is known.

    Attributes:
        number: as the spreadsheet shows it.
        values: by field; `kind` and ids among them.
    """

    number: int
    values: Entry

    @property
    def subject(self) -> Subject:
        """Whom it describes."""
        return subject(self.values)

    def over(self, known: Entry | None) -> Entry:
        """The entry in force after this row; a sensor that moves says from where, so that its former asset lets it go."""
        before = known or blank(self.values["kind"])
        moved = {"previous_asset_id": known["asset_id"]} if known and known["asset_id"] != self.values["asset_id"] else {}
        return {**before, **self.values, **moved}


@dataclass(slots=True)
class Sheet:
    """Readable rows, and everything that is wrong with the others."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def over(self, known: Catalogue) -> dict[Subject, Entry]:
        """Entries of the rows, on top of those in force."""
        return {row.subject: row.over(known.get(row.subject)) for row in self.rows}


def read(data: bytes) -> Sheet:
    """A CSV or XLSX file as people fill it in."""
    cells = grid.read(data)
    missing = _missing(cells)
    sheet = Sheet(problems=[*cells.problems, *_columns(cells), *missing])
    if not cells.header or "kind" not in cells.header:
        return sheet  # nobody knows what a row describes
    comma = any(is_decimal_comma(value) for value in _numbers(cells))
    for number, values in cells.rows:
        row = _row(sheet, number, dict(zip(cells.header, values, strict=False)), comma=comma)
        beyond = [value for value in values[len(cells.header) :] if value is not None]
        if beyond:
            sheet.problems.append(
                Problem(
                    row=number,
                    value=_shown(beyond[0]),
                    problem="more cells than the header",
                    remedy="put texts with the delimiter in quotes",
                )
            )
        if row is not None and not missing:  # what a row says of others cannot be judged while it is not clear whom they describe
            sheet.rows.append(row)
    return sheet


def rows(entries: Iterable[Entry]) -> list[list[Any]]:
    """Cells of entries under HEADER: each asset, then its sensors."""
    ordered = sorted(entries, key=lambda entry: (entry["asset_id"], entry["kind"] != ASSET, entry["sensor_id"] or ""))
    return [[_cell(column, entry) for column in BY_NAME.values()] for entry in ordered]


def _cell(column: Column, entry: Entry) -> Any:  # noqa: ANN401  what a cell holds
    return cell.write(column, entry[column.name]) if entry["kind"] in column.kinds else None


NOTE: Final = "note"  # remarks for people, as `maint onboard` writes them


def _columns(cells: Grid) -> list[Problem]:
    """Unknown and double columns; told beside what is wrong in the rows."""
    found = []
    for name, times in Counter(filter(None, cells.header)).items():
        if name == NOTE:
            continue
        if name not in BY_NAME:
            near = get_close_matches(name, HEADER, 1)
            remedy = f"did you mean {near[0]}?" if near else "remove it; `maint catalogue template` writes the columns there are"
            found.append(Problem(row=0, column=name, problem="unknown column", remedy=remedy))
        elif times > 1:
            found.append(Problem(row=0, column=name, problem=f"column stands {times} times", remedy="keep one of them"))
    return found


def _missing(cells: Grid) -> list[Problem]:
    """Columns without which nobody knows whom a row describes."""
    if not cells.header:
        return []
    remedy = "add it" if len(cells.header) > 1 else "add it; the line has one cell only: separate cells by comma, semicolon, tab or |"
    found = [Problem(row=0, column=name, problem="column is missing", remedy=remedy) for name in NEEDED if name not in cells.header]
    if "sensor_id" not in cells.header and any(SENSOR in map(_lower, values) for _, values in cells.rows):
        found.append(Problem(row=0, column="sensor_id", problem="column is missing", remedy="add it: there are rows of sensors"))
    return found


def _lower(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _numbers(cells: Grid) -> Iterable[Any]:
    places = [place for place, name in enumerate(cells.header) if name in BY_NAME and BY_NAME[name].type == NUMBER]
    return (values[place] for _, values in cells.rows for place in places if place < len(values))


def _row(sheet: Sheet, number: int, raw: Entry, *, comma: bool) -> Row | None:
    """What a row states; None if it is not clear whom it describes."""
    kind = _value(sheet, number, BY_NAME["kind"], raw.get("kind"), comma=comma)
    if kind is None:
        if raw.get("kind") is None:
            sheet.problems.append(Problem(row=number, column="kind", problem="empty", remedy="write asset or sensor"))
        return None
    values: Entry = {"kind": kind}
    for column in (BY_NAME[name] for name in raw if name in BY_NAME and name != "kind"):
        if kind in column.kinds:
            values[column.name] = _value(sheet, number, column, raw[column.name], comma=comma)
        elif raw[column.name] is not None:
            problem, remedy = (
                f"a column of {column.kinds[0]}s in the row of a {kind}",
                f"empty the cell, or state it for the {column.kinds[0]}",
            )
            sheet.problems.append(_problem(number, column.name, raw[column.name], problem, remedy))
    own = "asset_id" if kind == ASSET else "sensor_id"
    for name in dict.fromkeys(("asset_id", own)):
        sheet.problems += _id(number, name, values[name]) if name in values else []
    if kind == ASSET:
        values["sensor_id"] = None
    return Row(number, values) if values.get(own) and values.get("asset_id") else None


def _value(sheet: Sheet, number: int, column: Column, raw: object, *, comma: bool) -> Any:  # noqa: ANN401  a field of a record
    """Value of a cell; what cannot be read is told and counts as not stated."""
    empty = DEFAULTS.get(column.name)
    if raw is None:
        return list(empty) if isinstance(empty, list) else empty
    value, note = cell.read(column, raw, decimal_comma=comma)
    if isinstance(value, Unreadable):
        sheet.problems.append(_problem(number, column.name, raw, value.problem, value.remedy))
        return empty
    if note:
        sheet.problems.append(_problem(number, column.name, raw, note, "check it", note=True))
    return value


def _id(number: int, name: str, value: object) -> list[Problem]:
    """What is wrong with an id."""
    text = value if isinstance(value, str) else ""
    if not text:
        return [Problem(row=number, column=name, problem="empty", remedy="write the id as the readings have it")]
    if len(text.encode(errors="replace")) > KEY_BYTES_MAX:
        remedy = f"at most {KEY_BYTES_MAX} bytes of UTF-8"
        return [_problem(number, name, text, f"{len(text.encode(errors='replace'))} bytes long", remedy)]
    if not text.isprintable():
        return [_problem(number, name, text, "has characters that nobody can see", "write the id anew")]
    return []


def _problem(number: int, name: str, value: object, problem: str, remedy: str, *, note: bool = False) -> Problem:  # noqa: PLR0913  parts of a message
    return Problem(row=number, column=name, value=_shown(value), problem=problem, remedy=remedy, note=note)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
