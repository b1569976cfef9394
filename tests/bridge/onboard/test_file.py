import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

import pytest

from bridge.onboard.file import FileError, Found, Time, read
from bridge.onboard.propose import rows
from bridge.onboard.signal import Signal
from simulator.replay.clock import Clock


def clock(form: str) -> Time:
    return Clock(form=form).read


def table(text: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    return enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1)


def found(text: str, asset: str = "p", delimiter: str = ",") -> list[Signal]:
    return read(table(text, delimiter), asset=asset, clock=clock).signals


def test_headings_name_sensor_and_unit_and_times_tell_the_period() -> None:
    lines = [f"2026-01-01T00:00:{second:02d},{20 + second},{second % 3},ok" for second in range(30)]
    signals = found("time,Temp DE [°C],flow (m3/h),comment\n" + "\n".join(lines), "pump-7")
    _, temp, flow = rows(signals)
    assert (temp["sensor_id"], temp["unit"], temp["quantity"], temp["period_s"]) == ("pump-7.Temp DE [°C]", "degC", "temperature", 1.0)
    assert (flow["sensor_id"], flow["unit"], flow["quantity"]) == ("pump-7.flow (m3/h)", "m3/h", "flow")
    assert "no span stated; seen 20 to 49" in temp["note"]


def test_other_delimiters_decimal_commas_and_gaps() -> None:
    text = "Zeit;Druck [bar]\n" + "".join(f"{1_700_000_000 + 10 * n};{n},5\n" for n in range(12)) + "1700000200;defekt\n"
    _, sensor = rows(found(text, delimiter=";"))
    assert (sensor["unit"], sensor["quantity"], sensor["reporting"], sensor["period_s"]) == ("bar", "pressure", "periodic", 10.0)
    assert "'defekt' is not a number (line 14)" in sensor["note"]


LONG = 50_000


def test_the_whole_file_counts() -> None:
    """A value, a unit doubt, a gap or a sensor that comes late is seen."""
    lines = [f"{second},{second % 7},{'' if second < LONG - 20 else 5}" for second in range(LONG)]
    lines += [f"{LONG + 7200},900,5", f"{LONG + 7201},defekt,5"]
    told: list[int] = []
    everything: Found = read(table("ts,flow,late\n" + "\n".join(lines)), asset="p", clock=clock, progress=told.append)
    flow, late = rows(everything.signals)[1:]
    assert everything.lines == LONG + 2
    assert "seen 0 to 900" in flow["note"]
    assert "'defekt' is not a number (line 50003)" in flow["note"]
    assert late["sensor_id"] == "p.late"
    assert everything.signals[0].longest == 7201 * 1_000_000
    assert told == [10_000, 20_000, 30_000, 40_000, 50_000]


def test_lines_are_read_one_by_one() -> None:
    def lines() -> Iterator[tuple[int, list[str]]]:
        for number in range(2, 20_000):
            yield number, [str(number), "1"]
            alive.append(number)

    alive: list[int] = []
    seen: list[int] = []
    read(chain([(1, ["ts", "a"])], lines()), asset="p", clock=clock, progress=lambda _: seen.append(len(alive)))
    assert seen[0] < 10_001, "the first half is looked at before the second is read"


def test_times_that_cannot_be_used_are_a_note() -> None:
    good = "".join(f"{datetime.fromtimestamp(n, UTC).isoformat()},{n}\n" for n in range(20))
    (signal,) = found(f"time,a\nyesterday,1\n{good}")
    (told,) = signal.doubts
    assert told.startswith("1 of 21 times cannot be used, the first in line 2: 'yesterday': no ISO 8601 time; see --time-format (iso, s")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "fewer than two columns: is --delimiter right"),
        ("a,b\n1,2\n", "name it with --time: a, b"),
        ("time,b\n", "no line below the header"),
        ("time,b\n31/12/2025,2\n", "line 2: '31/12/2025': no ISO 8601 time; see --time-format"),
    ],
)
def test_what_is_no_table_says_why(text: str, told: str) -> None:
    with pytest.raises(FileError, match=told):
        found(text)
