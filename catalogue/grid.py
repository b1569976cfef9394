"""A file of cells, CSV or XLSX, to rows and back. Knows nothing of what the cells mean."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from catalogue.columns import BY_NAME, CHOICE, HEADER
from catalogue.problem import Problem

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

DELIMITERS: Final = (",", ";", "\t", "|")
ZIP: Final = b"PK\x03\x04"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
NAMED: Final = "catalogue"  # the worksheet that is read if there are several
COMMENT: Final = "#"
TEXT_FORMAT: Final = "@"  # Excel leaves such cells as they are typed
CELL_CHARACTERS_MAX: Final = 32_767  # of Excel
BYTES_MAX: Final = 50_000_000  # of a sheet, unpacked

Row = tuple[int, list[Any]]  # number as the spreadsheet shows it, cells


@dataclass(slots=True)
class Grid:
    """Cells of a file: a header, rows that are not empty, and what is wrong with the file itself."""

    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(data: bytes) -> Grid:
    """Cells of a CSV or XLSX file, told apart by their first bytes."""
    if data.startswith(ZIP):
        return _read_xlsx(data)
    if data.startswith(OLD_EXCEL):
        return _refused("an old Excel file (.xls)", "save it as XLSX or CSV UTF-8")
    return _read_csv(data)


def write_csv(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    """A CSV file that Excel reads as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([["" if cell is None else _plain(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def write_xlsx(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    """An XLSX file: the sheet, with lists to choose from, and a page that explains the columns.

    Raises:
        ValueError: a text has characters, or more of them, than Excel can hold.
    """
    from openpyxl import Workbook  # noqa: PLC0415  half a second

    book = Workbook()
    sheet = book.active
    sheet.title = NAMED
    for number, cells in enumerate([header, *rows], start=1):
        for place, cell in enumerate(cells, start=1):
            _put(sheet, number, place, cell)
    sheet.freeze_panes = "D2"
    _choices(sheet, header, len(rows) + 500)
    about = book.create_sheet("columns")
    for column in BY_NAME.values():
        about.append([column.name, " and ".join(column.kinds), column.doc, ", ".join(column.choices)])
    for letter, width in zip("ABCD", (20, 16, 90, 50), strict=True):
        about.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _refused(problem: str, remedy: str) -> Grid:
    return Grid(problems=[Problem(row=0, problem=problem, remedy=remedy)])


def _plain(cell: object) -> str:
    return repr(cell) if isinstance(cell, float) else str(cell)


def _read_csv(data: bytes) -> Grid:
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return _refused(f"not UTF-8: line {line} has other bytes", "save it as `CSV UTF-8`")
    begin = 0
    lines = text.splitlines(keepends=True)
    delimiter = ""
    if lines and lines[0].lower().startswith("sep="):  # a line by which Excel is told the delimiter
        delimiter, begin = lines[0].strip()[4:5], 1
    header = next((line for line in lines[begin:] if line.strip() and not line.startswith(COMMENT)), "")
    delimiter = delimiter or max(DELIMITERS, key=header.count)
    source = csv.reader(io.StringIO("".join(lines[begin:]), newline=""), delimiter=delimiter, strict=True)
    grid, before = Grid(), begin
    try:
        for cells in source:
            _take(grid, before + 1, [cell.strip() or None for cell in cells])
            before = begin + source.line_num
    except csv.Error as error:
        grid.problems.append(Problem(row=before + 1, problem=f"not a CSV line: {error}", remedy="close the quotation marks of the line"))
    return grid if grid.header else _refused("no header line", f"begin with the names of the columns: {', '.join(HEADER[:4])}, ...")


def _take(grid: Grid, number: int, cells: list[Any]) -> None:
    """Add a row, unless it is empty or a comment; the first is the header."""
    first = next((cell for cell in cells if cell is not None), None)
    if first is None or (isinstance(first, str) and first.startswith(COMMENT)):
        return
    if not grid.header:
        grid.header = [str(cell or "").strip().lower() for cell in cells]
    else:
        grid.rows.append((number, cells))


def _read_xlsx(data: bytes) -> Grid:
    from openpyxl import load_workbook  # noqa: PLC0415  half a second
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  the same

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > BYTES_MAX:
                return _refused(f"more than {BYTES_MAX // 1_000_000} MB unpacked", "split the sheet, or save it as CSV")
        book = load_workbook(io.BytesIO(data))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        return _refused(f"not a readable XLSX file: {error}", "save it again as XLSX or CSV UTF-8")
    if len(book.sheetnames) > 1 and NAMED not in book.sheetnames:
        return _refused(f"several worksheets: {', '.join(book.sheetnames)}", f"name the one to read `{NAMED}`")
    sheet = book[NAMED] if NAMED in book.sheetnames else book[book.sheetnames[0]]
    grid = Grid()
    for merged in sheet.merged_cells.ranges:
        grid.problems.append(
            Problem(row=merged.min_row, value=str(merged.coord), problem="merged cells", remedy="unmerge them and fill in every row")
        )
    for cells in sheet.iter_rows():
        _take(grid, cells[0].row, [_value(grid, cell) for cell in cells])
    return grid if grid.header else _refused("no header line", f"begin with the names of the columns: {', '.join(HEADER[:4])}, ...")


def _value(grid: Grid, cell: Any) -> Any:  # noqa: ANN401  openpyxl is untyped
    """What a cell holds; a formula or an error of Excel is a problem, not a value."""
    value = cell.value
    if cell.data_type in {"f", "e"}:
        problem = "a formula" if cell.data_type == "f" else "an error of the spreadsheet"
        shown = str(getattr(value, "text", value))
        column = grid.header[cell.column - 1] if cell.column <= len(grid.header) else cell.column_letter
        grid.problems.append(
            Problem(row=cell.row, column=column, value=shown, problem=problem, remedy="replace it by its value (paste special: values)")
        )
        return None
    return value.strip() or None if isinstance(value, str) else value


def _put(sheet: "Worksheet", row: int, place: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, str) and len(value) > CELL_CHARACTERS_MAX:
        raise ValueError(f"row {row}: a text of {len(value)} characters; Excel holds {CELL_CHARACTERS_MAX}: write CSV")
    if isinstance(value, float) and float(f"{value:.16g}") != value:  # openpyxl writes 16 digits
        value = repr(value)
    cell = sheet.cell(row, place)
    cell.value = value
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", TEXT_FORMAT  # also what begins with =


def _choices(sheet: "Worksheet", header: Sequence[str], last: int) -> None:
    """Lists to choose from, below the columns that have choices."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  with the others
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415  the same

    for place, name in enumerate(header, start=1):
        letter, column = get_column_letter(place), BY_NAME[name]
        sheet.column_dimensions[letter].width = max(10, len(name) + 2)
        if column.type == CHOICE:
            rule = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{last}")
