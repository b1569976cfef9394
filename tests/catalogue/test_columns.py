from pathlib import Path

from catalogue import columns
from catalogue.columns import BY_NAME
from catalogue.entry import FIELDS
from catalogue.grammar import READ, WRITE
from schemas.manifest import NEWEST

PAGE = (Path(__file__).parents[2] / "docs/catalogue.md").read_text()
NO_COLUMN = {"version", "previous_asset_id", "baseline"}  # told by the platform, not by the sheet


def test_the_page_shows_every_column_as_the_code_has_it() -> None:
    for column in BY_NAME.values():
        cells = ", ".join(column.choices) or column.type
        assert f"| `{column.name}` | {', '.join(column.kinds)} | {cells} | {column.doc} |" in PAGE


def test_the_page_names_every_reset() -> None:
    for column in BY_NAME.values():
        assert column.resets in PAGE


def test_every_field_of_the_entry_has_its_column() -> None:
    assert set(FIELDS) - NO_COLUMN == set(BY_NAME)
    assert {name: value for name, value in FIELDS.items() if value is not None and name != "baseline"} == dict(columns.DEFAULTS)
    assert NEWEST["CatalogueEntry"].version == 2


def test_every_rule_is_read_and_written() -> None:
    assert {column.name for column in BY_NAME.values() if column.type == columns.RULE} == set(READ) == set(WRITE)
