from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cli.look import Look
from cli.screen import checked, line, panels
from cli.show import delay_s, unseen
from simulator import stage
from simulator.truth import Truth, tell
from store.ledger import Balance

LIVE = 1_700_000_000_000_000


def truths() -> list[Truth]:
    plant = stage.plant(seed=1, live_us=LIVE, run=1)
    return tell(plant.plan, plant.layout, LIVE)


def episode(**changes: Any) -> dict[str, Any]:
    start = LIVE + 9_000_000
    standard = {"asset": "pump-001", "subject": "machine", "kind": "limit_high", "open": True, "severity": 4, "surprise": 9.5, "grouped": 0}
    return {**standard, "start": start, "last": start, "opened_us": start + 400_000, "sensors": ["pump-001.vibration"], **changes}


def look(**changes: Any) -> Look:
    standard: dict[str, Any] = {"balance": Balance(received=10, stored=9, in_flight=1), "in_per_s": 120.0, "stored_per_s": 119.0}
    return Look(**{**standard, "p50_s": 0.1, "p99_s": None, "rejections": {"wrong_key": 2}, "episodes": [episode()], **changes})


def shown(item: Any) -> str:
    console = Console(width=150, record=True, file=StringIO())
    console.print(item)
    return console.export_text()


def test_a_line_holds_every_figure() -> None:
    text = line(look(), 12.0)
    for part in ("in 120/s", "stored 119/s", "in flight 1", "p50 0.10 s", "wrong_key 2", "balanced", "pump-001 machine limit_high"):
        assert part in text


def test_an_unbalanced_ledger_is_loud() -> None:
    broken = Balance(balanced=False, problems=["readings[3]: 7 outcomes of 8 offsets"])
    assert "NOT BALANCED" in line(look(balance=broken), 1.0)
    assert "not balanced: readings[3]: 7 outcomes of 8 offsets" in shown(panels(look(balance=broken), [], title="t", notes=[]))


def test_the_panels_say_which_episode_is_a_simulated_fault() -> None:
    other = episode(asset="fan-013", sensors=["fan-013.speed"], surprise=None)
    text = shown(panels(look(episodes=[episode(), other]), truths(), title="demo", notes=["database maint sql"]))
    assert "imbalance" in text
    assert "?" in next(row for row in text.splitlines() if "fan-013" in row)
    assert "maint sql" in text


def test_the_delay_of_a_fault_counts_from_its_begin() -> None:
    first = truths()[0]
    assert delay_s(first, [episode(), episode(opened_us=LIVE + 60_000_000)]) == pytest.approx(1.4)
    assert delay_s(first, []) is None


def test_a_machine_and_a_sensor_fault_must_be_open_in_the_first_minute() -> None:
    machine = next(truth for truth in truths() if truth.subject == "machine")
    sensor = next(truth for truth in truths() if truth.subject == "sensor")
    assert unseen({machine: 5.0, sensor: 20.0}, LIVE) == []
    assert unseen({machine: 5.0, sensor: 55.0}, LIVE) == ["no sensor fault was open within 60 s"]
    assert len(unseen({}, LIVE)) == 2


def test_the_table_at_the_end_tells_what_was_never_seen() -> None:
    text = shown(checked([(truths()[0], 1.4, None)]))
    assert "1.4 s" in text
    assert "never" in text
