"""What separates cells and how numbers are written, from the first lines of a file."""

from pathlib import Path

import pytest

from simulator.replay.files import ReplayError, decimal, delimiter, header, number


def written(folder: Path, text: str) -> Path:
    path = folder / "a.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ts,a\n1,2\n", ","),
        ("ts;a\n1;2,5\n", ";"),
        ("ts\ta\n1\t2\n", "\t"),
        ("ts|a\n1|2\n", "|"),
        ("ts;a,b;c\n1;2,5;3,5\n2;2;3\n", ";"),
        ("ts;a, b\n1;2,5\n", ";"),  # a comma in the heading and in each line: the column ts decides
        ('ts,"a;b;c"\n1,2\n', ","),
        ("ts,a\n", ","),
        ("ts\n1\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_what_makes_a_table(tmp_path: Path, text: str, expected: str) -> None:
    assert delimiter(written(tmp_path, text), {"ts"}.issubset) == expected


def test_a_delimiter_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="separated by ',' or ';': say which with --delimiter"):
        delimiter(written(tmp_path, "when;a, b\n1;2,5\n"), {"ts"}.issubset)


@pytest.mark.parametrize(
    ("cells", "expected"), [(("1,5", "2"), ","), (("1.5", "2"), "."), (("1,5", "2.5"), "."), (("1", "2"), "."), (("0,500", "12,345"), ",")]
)
def test_the_decimal_character_is_the_one_that_is_written(tmp_path: Path, cells: tuple[str, ...], expected: str) -> None:
    path = written(tmp_path, "ts;a\n" + "".join(f"01.02.2024;{cell}\n" for cell in cells))
    assert decimal(path, ";", ["ts"]) == expected


def test_thousands_or_decimals_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"'1,500' may be 1500 or 1\.500: say --decimal ',' if it is the latter"):
        decimal(written(tmp_path, "ts;a\n1;1,500\n2;12,250\n"), ";", ["ts"])


def test_errors_name_the_option_that_mends_them(tmp_path: Path) -> None:
    path = written(tmp_path, "ts;a\n1;1,5\n")
    with pytest.raises(ReplayError, match="its cells seem to be separated by ';': see --delimiter"):
        header(path, ["ts"])
    with pytest.raises(ReplayError, match="'1,5' is not a number; --decimal ',' reads it as such"):
        number(path, 2, "a", "1,5")
