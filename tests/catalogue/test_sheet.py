"""Entries to a sheet and back, and what people's spreadsheets do to cells."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import diff, rules, sheet
from catalogue.columns import BY_NAME, CHOICE, COUNT, FLAG, NUMBER, TEXT, TIME
from catalogue.entry import Entry, blank, catalogue, fields
from catalogue.grammar import ROLES
from schemas.codec import Decoded, decode, encode
from schemas.manifest import NEWEST
from tests.catalogue.building import asset, csv, known, problems, sensor, written, xlsx

VISIBLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
NAMES = st.text(VISIBLE, min_size=1, max_size=12).map(str.strip).filter(bool)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(1e-6, 1e9)
TIMES = st.integers(946_684_800_000_000, 4_102_444_800_000_000)
WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
NESTED: dict[str, st.SearchStrategy[Any]] = {
    "run_state": st.none() | st.fixed_dictionaries({
        "sensor_id": NAMES, "comparison": st.sampled_from(("above", "below")), "threshold": FLOATS,
        "hysteresis": st.just(0.0) | POSITIVE, "delay_s": st.just(0.0) | POSITIVE,
    }),
    "modes": st.lists(st.fixed_dictionaries({"sensor_id": NAMES, "name": WORDS, "low": FLOATS, "high": FLOATS}), max_size=4),
    "drivers": st.lists(st.fixed_dictionaries({"role": st.sampled_from(ROLES), "sensor_id": NAMES}), max_size=3),
    "bearings": st.lists(st.fixed_dictionaries({
        "point": NAMES, "elements": st.integers(3, 40), "diameter_mm": POSITIVE, "pitch_mm": POSITIVE, "angle_deg": st.floats(0, 89),
    }), max_size=2),
    "gear_teeth": st.lists(st.integers(1, 500), max_size=4),
    "coupled_with": st.lists(NAMES, max_size=3),
}  # fmt: skip
SCALARS: dict[str, st.SearchStrategy[Any]] = {TEXT: NAMES, NUMBER: POSITIVE, COUNT: st.integers(1, 99), FLAG: st.just(True), TIME: TIMES}
HEAD = "kind,asset_id,sensor_id"


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any entry that the columns can hold."""
    kind = draw(st.sampled_from(("asset", "sensor")))
    entry = {**blank(kind), "version": 1, "asset_id": draw(NAMES), "sensor_id": draw(NAMES) if kind == "sensor" else None}
    for name in fields(kind):
        column = BY_NAME[name]
        if name == "asset_id" or not draw(st.booleans()):
            continue
        scalar = st.sampled_from(column.choices) if column.type == CHOICE else SCALARS.get(column.type, st.nothing())
        entry[name] = draw(NESTED.get(name, scalar))
    return entry


@pytest.mark.parametrize("excel", [False, True])
@settings(max_examples=60, deadline=None)
@given(found=st.lists(entries(), max_size=5))
def test_what_is_written_is_read_again(found: list[Entry], *, excel: bool) -> None:
    before = catalogue(found)
    after = sheet.read(written(before.values(), excel=excel))
    assert not [problem for problem in after.problems if not problem.note]
    assert after.over({}) == {subject: {**entry, "version": -1} for subject, entry in before.items()}
    assert diff.compare(after.over(before).values(), before).entries == []


@given(entry=entries())
def test_an_entry_of_the_sheet_is_a_record_of_the_topic(entry: Entry) -> None:
    decoded = decode(encode("CatalogueEntry", entry))
    assert isinstance(decoded, Decoded)
    assert decoded.record == entry
    assert set(blank("asset")) == {field["name"] for field in NEWEST["CatalogueEntry"].parsed["fields"]}


def test_a_column_that_is_not_there_leaves_its_field_and_an_empty_cell_clears_it() -> None:
    before = known(asset(), sensor(unit="degC", limit_h=80.0, scale=0.1))
    row = sheet.read(csv(f"{HEAD},limit_h", "sensor,P1,P1.temp,")).over(before)["sensor", "P1.temp"]
    assert (row["unit"], row["scale"], row["limit_h"]) == ("degC", 0.1, None)


@pytest.mark.parametrize("data", [
    b"\xef\xbb\xbfkind;asset_id;power_kw\r\nasset;P1;7,5\r\n",
    b"sep=;\nkind;asset_id;power_kw\nasset;P1;7,5\n",
    "kind\tasset_id\tpower_kw\nasset\tP1\t7.5\n".encode("utf-16"),
    b'# our pumps, first draft\nkind,asset_id,power_kw\n\nAsset , P1 ,"7,5"\n',
    xlsx(["Kind", "asset_id", "power_kw"], ["asset", "P1", 7.5], [None, None, None]),
    xlsx(["kind", "asset_id", "power_kw"], ["asset", "P1", "7,5"]),
])  # fmt: skip
def test_files_as_people_save_them(data: bytes) -> None:
    found = sheet.read(data)
    assert [row.values["power_kw"] for row in found.rows] == [7.5]
    assert all(problem.note for problem in found.problems)


@pytest.mark.parametrize(("header", "cells", "column", "says"), [
    ("power_kw", "'1,500'", "power_kw", "thousands or decimals"),
    ("power_kw,speed_rpm", "'7,5',1.500", "speed_rpm", "thousands or decimals"),
    ("power_kw", "'1.234,5'", "power_kw", "not a number"),
    ("power_kw", "75 kW", "power_kw", "not a number"),
    ("power_kw", "-1", "power_kw", "too small"),
    ("power_kw", "1e999", "power_kw", "not a finite number"),
    ("criticality", "D", "criticality", "not one of the possible words"),
    ("blades", "5.5", "blades", "not a whole number"),
    ("run_state", "P1.speed >= 5", "run_state", "no rule"),
    ("run_state", "P1.speed > 5 +--1", "run_state", "negative"),
    ("modes", "'P1.speed: 0-1500'", "modes", "is not `SENSOR: LOW-HIGH NAME"),
    ("drivers", "wind=P1.speed", "drivers", "is not `ROLE=SENSOR`"),
    ("bearings", "DE: n=8 d=7.94", "bearings", "is not `POINT: n=COUNT"),
    ("gear_teeth", "23/67", "gear_teeth", "not whole numbers"),
    ("unit", "bar", "unit", "a column of sensors"),
])  # fmt: skip
def test_cells_that_cannot_be_read_for_certain(header: str, cells: str, column: str, says: str) -> None:
    found = [each for each in problems(f"kind,asset_id,{header}", f"asset,P1,{cells}".replace("'", '"')) if not each.note]
    assert [(each.row, each.column) for each in found] == [(2, column)]
    assert says in found[0].problem
    assert found[0].remedy
    assert found[0].value


@pytest.mark.parametrize(("column", "cell", "says"), [
    ("valid_from", "2026-01-31 12:00", "without zone"), ("valid_from", "31.1.2026", "not an ISO time"), ("deep", "maybe", "yes nor no"),
    ("coupled_with", "P1 flow", "no name of a sensor"), ("direction", "up", "possible words"), ("period_s", "0", "too small"),
])  # fmt: skip
def test_cells_of_sensors_that_cannot_be_read(column: str, cell: str, says: str) -> None:
    found = problems(f"{HEAD},{column}", f"sensor,P1,P1.x,{cell}", over=[asset()])
    assert [each.column for each in found] == [column]
    assert says in found[0].problem


@pytest.mark.parametrize(("lines", "column", "says"), [
    (["kind,asset_id,powr_kw", "asset,P1,5"], "powr_kw", "did you mean power_kw?"),
    (["kind,asset_id,site,site", "asset,P1,a,b"], "site", "keep one"),
    (["asset_id", "P1"], "kind", "add it"),
    (["kind,asset_id", "sensor,P1"], "sensor_id", "rows of sensors"),
    ([""], "", "begin with the names"),
    (["kind,asset_id", 'asset,"P1'], "", "close the quotation marks"),
])  # fmt: skip
def test_files_that_cannot_be_read(lines: list[str], column: str, says: str) -> None:
    found = problems(*lines)
    assert [each.column for each in found] == [column]
    assert says in found[0].remedy


@pytest.mark.parametrize(("row", "column"), [
    (",P1,", "kind"), ("asset,,", "asset_id"), ("sensor,P1,", "sensor_id"), (f"asset,{'x' * 201},", "asset_id"),
    ("asset,a\u200bb,", "asset_id"),
])  # fmt: skip
def test_rows_without_a_usable_id(row: str, column: str) -> None:
    assert [each.column for each in problems(HEAD, row)] == [column]


def test_a_row_with_more_cells_than_the_header() -> None:
    assert [each.problem for each in problems("kind,asset_id", "asset,P1,7")] == ["more cells than the header"]


def test_bytes_that_are_not_a_sheet() -> None:
    for data, says in (
        (b"kind,asset_id\nasset,P\xfc1\n", "line 2"),
        (b"\xd0\xcf\x11\xe0", "old Excel"),
        (b"PK\x03\x04junk", "not a readable XLSX"),
    ):
        found = sheet.read(data)
        assert not found.rows
        assert says in found.problems[0].problem


def test_what_excel_does_to_cells() -> None:
    def change(book: Any) -> None:
        book.active["C2"] = "=1+1"
        book.active.merge_cells("A4:B4")

    rows: list[list[Any]] = [
        ["kind", "asset_id", "power_kw", "site", "path"],
        ["asset", 42, 0, "a", datetime(2026, 1, 2)],  # noqa: DTZ001  Excel has no zones
        ["asset", "P2", True],
        ["asset"],
    ]
    found = {(each.row, each.column): each for each in sheet.read(xlsx(*rows, change=change)).problems}
    assert found[2, "power_kw"].problem == "a formula"
    assert found[2, "path"].problem.startswith("the spreadsheet made a date of it")
    assert found[2, "asset_id"].note
    assert "zeros in front" in found[2, "asset_id"].problem
    assert found[3, "power_kw"].problem.startswith("not a number")
    assert found[4, ""].problem == "merged cells"


def test_a_time_of_excel_has_no_zone() -> None:
    data = xlsx(["kind", "asset_id", "sensor_id", "valid_from"], ["sensor", "P1", "P1.x", datetime(2026, 1, 2)])  # noqa: DTZ001  the same
    assert [each.problem for each in sheet.read(data).problems] == ["a time without zone"]


def test_several_worksheets_need_a_name() -> None:
    data = xlsx(["kind", "asset_id"], change=lambda book: book.create_sheet("other"))
    assert "several worksheets" in sheet.read(data).problems[0].problem


def test_text_that_looks_like_a_formula_stays_text() -> None:
    before = known(asset(site="=cmd", cmms_id="007"))
    assert sheet.read(written(before.values(), excel=True)).over(before) == before


def test_every_problem_is_told_at_once() -> None:
    found = problems(f"{HEAD},limit_h,unit,power_kw", "asset,P1,,x,,y", "sensor,P9,P1.temp,1,bar,")
    assert [(each.row, each.column) for each in sorted(found, key=lambda each: each.row)] == [
        (2, "limit_h"), (2, "power_kw"), (3, "asset_id"), (3, "unit"),
    ]  # fmt: skip
    assert rules.check(sheet.read(b"kind,asset_id\nasset,P1\n"), {}) == []


def test_an_unknown_column_hides_nothing_else() -> None:
    found = problems("kind,asset_id,sensor_id,critcality,limit_h,limit_hh,power_kw", "asset,P1,,A,,,x", "sensor,P2,P2.temp,,9,8,")
    assert [(each.row, each.column, each.problem) for each in found if not each.note] == [
        (0, "critcality", "unknown column"),
        (2, "power_kw", "not a number"),
        (3, "asset_id", "no such asset in the sheet or the catalogue"),
        (3, "limit_hh", "not above limit_h (9)"),
    ]


def test_a_missing_column_hides_no_cell() -> None:
    found = problems("kind,asset_id,limit_h", "asset,P1,", "sensor,P1,x", "asset,P1,")
    assert [(each.row, each.column) for each in found] == [(0, "sensor_id"), (3, "limit_h")]
    assert [each.column for each in problems("asset_id,power_kw", "P1,x")] == ["kind"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_usual_delimiters_are_found_and_others_named(delimiter: str) -> None:
    assert problems("kind,asset_id".replace(",", delimiter), "asset,P1".replace(",", delimiter)) == []
    assert "separate cells by" in problems("kind asset_id", "asset P1")[-1].remedy
