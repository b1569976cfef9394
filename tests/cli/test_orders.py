from pathlib import Path

import pytest

from cli.moment import duration_us
from cli.orders import read
from report.backtest import Failure
from simulator.replay.clock import Clock
from simulator.replay.files import ReplayError

DAY = 1_704_067_200_000_000  # 2024-01-01


def load(path: Path, text: str, chosen: dict[str, str] | None = None, clock: Clock | None = None) -> tuple[list[Failure], int]:
    file = path / "orders.csv"
    file.write_text(text)
    return read(file, chosen or {}, clock or Clock())


def test_any_separator_and_usual_names(tmp_path: Path) -> None:
    failures, repeated = load(
        tmp_path, "Order;Equipment;Date;Short text\n1;P-1;2024-01-01;seal\n2;P-1;2024-01-01;seal\n\n3;P-2;2024-01-02;\n"
    )
    assert failures == [Failure("P-1", DAY, "seal"), Failure("P-2", DAY + 86_400_000_000, "")]
    assert repeated == 1


def test_local_times_and_chosen_columns(tmp_path: Path) -> None:
    clock = Clock("Europe/Zurich", "%d.%m.%Y %H:%M")
    failures, _ = load(tmp_path, "Anlage,start,date\nP-1,01.01.2024 01:00,x\n", {"at": "start"}, clock)
    assert failures == [Failure("P-1", DAY)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("asset,at\nP-1,soon\n", "orders.csv:2, column at: 'soon': no ISO 8601 time"),
        ("asset,at\n,2024-01-01\n", "orders.csv:2: no asset; fill it in"),
        ("asset,at\nP-1\n", "orders.csv:2: only 1 cells"),
        ("when,what\n1,2\n", "orders.csv:1: no column for asset (one of asset, asset_id,"),
        ("asset,at\n", "holds no work order"),
        ("", "found: an empty file"),
    ],
)
def test_a_mistake_names_line_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ReplayError) as raised:
        load(tmp_path, text)
    assert told in str(raised.value)


def test_lengths_of_time() -> None:
    assert [duration_us(text) // 1_000_000 for text in ("30min", "12h", "1d", "2w")] == [1_800, 43_200, 86_400, 1_209_600]
    with pytest.raises(Exception, match="no length of time"):
        duration_us("soon")
