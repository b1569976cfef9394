"""One cell to a value of the entry and back. What cannot be read for certain is refused, never guessed."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from catalogue import grammar
from catalogue.columns import CHOICE, COUNT, DEFAULTS, FLAG, NUMBER, RULE, TIME, Column
from catalogue.grammar import Unreadable

PLAIN: Final = re.compile(grammar.NUMBER)
COMMA: Final = re.compile(r"[+-]?\d+,\d+")
THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[.,'\u2019\s]\d{3})+(?:[.,]\d+)?")
YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
ZONED: Final = "write an ISO time with its zone as text, e.g. 2026-01-31T12:00:00+01:00"


def read(column: Column, raw: object, *, decimal_comma: bool) -> tuple[Any, str]:  # noqa: PLR0911  one line per type
    """Value of a cell that is not empty, or Unreadable; and a note, empty if there is nothing to say.

    Args:
        column: what the cell is.
        raw: text, or what a spreadsheet holds: number, truth value, time.
        decimal_comma: the file has numbers with a decimal comma: a dot before three digits may be either.
    """
    if column.type == NUMBER:
        return _number(column, raw, decimal_comma=decimal_comma)
    if column.type == TIME:
        return _time(raw), ""
    if isinstance(raw, datetime) or not isinstance(raw, str | int | float | bool):
        return Unreadable(f"the spreadsheet made a date of it ({raw})", "format the column as text and write it again"), ""
    text, note = _text(raw)
    if column.type == COUNT:
        return _count(column, text), ""
    if column.type == FLAG:
        return YES.get(text.lower(), Unreadable("neither yes nor no", "write yes or no")), ""
    if column.type == CHOICE:
        return _choice(column, text), ""
    if column.type == RULE:
        return grammar.READ[column.name](text), ""
    return text, note


def write(column: Column, value: Any) -> str | float | int | None:  # noqa: ANN401  a field of a record
    """What the cell shows: a number stays one, what is not stated is empty."""
    if value is None or (column.name in DEFAULTS and value == DEFAULTS[column.name]):
        return None
    if column.type == RULE:
        return grammar.WRITE[column.name](value)
    if column.type == TIME:
        return (EPOCH + timedelta(microseconds=value)).isoformat()
    if column.type == FLAG:
        return "yes"
    return value  # type: ignore[no-any-return]  # text or number


def is_decimal_comma(raw: object) -> bool:
    """True for text that can only be a number with a decimal comma.

    >>> is_decimal_comma("1,5"), is_decimal_comma("1,500"), is_decimal_comma("1.5")
    (True, False, False)
    """
    return isinstance(raw, str) and bool(COMMA.fullmatch(raw)) and not THOUSANDS.fullmatch(raw)


def _number(column: Column, raw: object, *, decimal_comma: bool) -> tuple[float | Unreadable, str]:
    note = ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return Unreadable(f"not a number but {raw}", "format the cell as number and write it again"), ""
    if isinstance(raw, str):
        text = raw.replace("\u2212", "-")
        if THOUSANDS.fullmatch(text) and ("," in text or decimal_comma):
            either = re.sub("[.,]", "", text), grammar.number(float(text.replace(",", ".")))
            return Unreadable("thousands or decimals? both are possible", f"write {either[0]} or {either[1]}"), ""
        if is_decimal_comma(text):
            text, note = text.replace(",", "."), f"decimal comma: read as {text.replace(',', '.')}"
        if not PLAIN.fullmatch(text):
            remedy = (
                "write it without separators of thousands" if GROUPED.fullmatch(text) else "write a number with a decimal point, no unit"
            )
            return Unreadable("not a number", remedy), ""
        value = float(text)
    else:
        value = float(raw)
    if not math.isfinite(value):
        return Unreadable("not a finite number", "leave the cell empty if it is not known"), ""
    return _bounded(column, value), note


def _bounded(column: Column, value: float) -> float | Unreadable:
    if column.low is None or value > column.low or (value == column.low and not column.beyond):
        return value
    least = f"greater than {column.low:g}" if column.beyond else f"{column.low:g} or greater"
    return Unreadable("too small", f"it must be {least}")


def _count(column: Column, text: str) -> int | Unreadable:
    if not text.isdecimal() or not int(text) >= (column.low or 0):
        return Unreadable("not a whole number of things", f"write a whole number from {column.low or 0:g} on")
    return int(text)


def _text(raw: str | float | bool) -> tuple[str, str]:  # noqa: FBT001  what a spreadsheet holds
    """Text of a cell. A spreadsheet shows an id of digits only as number, without the zeros in front."""
    if isinstance(raw, bool):
        return ("yes" if raw else "no"), ""
    if isinstance(raw, str):
        return raw.strip(), ""
    text = grammar.number(raw)
    return text, f"a number where text belongs: read as {text}; zeros in front, if there were any, are lost: format the column as text"


def _choice(column: Column, text: str) -> str | Unreadable:
    found = next((choice for choice in column.choices if choice == text), None) or next(
        (choice for choice in column.choices if choice.lower() == text.lower()), None
    )
    return found or Unreadable("not one of the possible words", f"write {', '.join(column.choices[:-1])} or {column.choices[-1]}")


def _time(raw: object) -> int | Unreadable:
    """Microseconds since 1970 (UTC). A spreadsheet's own times have no zone."""
    if not isinstance(raw, str):
        return Unreadable("a time without zone", ZONED)
    try:
        found = datetime.fromisoformat(raw.strip())
    except ValueError:
        return Unreadable("not an ISO time", ZONED)
    if found.tzinfo is None:
        return Unreadable("a time without zone", ZONED)
    return (found - EPOCH) // MICROSECOND
