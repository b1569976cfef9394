"""Builders for catalogue tests."""

from collections.abc import Iterable
from typing import Any

from catalogue import grid, rules, sheet
from catalogue.entry import Entry, Subject, blank, catalogue
from catalogue.problem import Problem


def asset(name: str = "P1", **stated: Any) -> Entry:
    return {**blank("asset"), "asset_id": name, "version": 5, **stated}


def sensor(name: str = "P1.temp", on: str = "P1", **stated: Any) -> Entry:
    return {**blank("sensor"), "sensor_id": name, "asset_id": on, "version": 5, **stated}


def known(*entries: Entry) -> dict[Subject, Entry]:
    return catalogue(entries)


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def problems(*lines: str, over: Iterable[Entry] = ()) -> list[Problem]:
    return rules.check(sheet.read(csv(*lines)), known(*over))


def xlsx(*rows: list[Any], change: Any = None) -> bytes:
    """A workbook as a person makes it."""
    import io

    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written(entries: Iterable[Entry], *, excel: bool) -> bytes:
    return (grid.write_xlsx if excel else grid.write_csv)(sheet.rows(entries))
