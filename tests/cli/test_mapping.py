from pathlib import Path

import pytest
from typer import Exit

from cli.mapping import Choices, columns

OPEN = Choices("ts", None, None, "", None, None, None, "", "")


def test_what_is_left_open_is_found_and_told_as_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pump-7.csv"
    path.write_text("ts\tflow [m³/h]\tTemp\n1\t1,5\t2\n")
    mapped = columns(path, OPEN._replace(unit=["Temp=degC"]))
    assert (mapped.delimiter, mapped.decimal, mapped.units) == ("\t", ",", {"flow [m³/h]": "m3/h", "Temp": "degC"})
    assert capsys.readouterr().err == "pump-7.csv: read with --delimiter $'\\t' --decimal ','\n"
    assert columns(path, OPEN._replace(delimiter="\t", decimal=",", unit=["=bar"])).units == {"": "bar"}
    assert not capsys.readouterr().err


def test_what_is_not_clear_ends_the_command_with_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ts;flow\n1;1,500\n")
    with pytest.raises(Exit):
        columns(path, OPEN)
    assert "say --decimal ','" in capsys.readouterr().err
