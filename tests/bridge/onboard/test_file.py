from pathlib import Path

import pytest

from bridge.onboard.file import FileError, read
from bridge.onboard.propose import rows


def test_headings_name_sensor_and_unit_and_times_tell_the_period(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    lines = [f"2026-01-01T00:00:{second:02d},{20 + second},{second % 3},ok" for second in range(30)]
    path.write_text("time,Temp DE [°C],flow (m3/h),comment\n" + "\n".join(lines))
    signals = read(path, asset="pump-7")
    _, temp, flow = rows(signals)
    assert (temp["sensor_id"], temp["unit"], temp["quantity"], temp["period_s"]) == ("pump-7.Temp DE [°C]", "degC", "temperature", 1.0)
    assert (flow["sensor_id"], flow["unit"], flow["quantity"]) == ("pump-7.flow (m3/h)", "m3/h", "flow")
    assert "no span stated; seen 20 to 49" in temp["note"]


def test_other_delimiters_decimal_commas_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Zeit;Druck [bar]\n" + "".join(f"{1_700_000_000 + 10 * n};{n},5\n" for n in range(12)) + "1700000200;defekt\n")
    _, sensor = rows(read(path, asset="p"))
    assert (sensor["unit"], sensor["quantity"], sensor["reporting"], sensor["period_s"]) == ("bar", "pressure", "periodic", 10.0)
    assert "'defekt' is not a number" in sensor["note"]


@pytest.mark.parametrize(("text", "told"), [("", "fewer than two columns"), ("a,b\n1,2\n", "name it with --time: a, b")])
def test_what_is_no_table_says_why(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text)
    with pytest.raises(FileError, match=told):
        read(path, asset="p")
