"""What is known of machines while the database comes and goes."""

from collections.abc import Mapping
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from processors.bearing import Bearing
from processors.machine import Machine, Past, Plate
from store.database import Unconfigured
from streams.machines import NAME, Machines, machine
from telemetry.health import Health

ROW: dict[str, Any] = {
    "class": "pump",
    "past": {"class": "pump", "failures": 6, "machine_days": 900.0},
    "failures": [{"failure_mode": "bearing_wear", "action": "Look.", "quantities": ["vibration", "temperature"]}],
    "sensors": {
        "P1.temp": {
            "quantity": "temperature", "low": None, "high": 80.0, "unit": None, "statistic": None, "point": "DE", "support": None,
            "reporting": "periodic",
            "references": {
                "running": {
                    "normal": 50.0, "spread": 1.0, "begin_us": 1, "known_at_us": 2, "accepted": True,
                    "drivers": [{"sensor_id": "P1.speed", "slope": 0.1, "centre": 1000.0}],
                }
            },
        }
    },
    "plate": {
        "power_kw": 75.0, "shaft_height_mm": None, "speed_rpm": 1480.0, "support": "rigid", "machine_group": None,
        "moded": True, "modes": ["slow"],
        "bearings": [{"point": "DE", "elements": 9, "diameter_mm": 7.94, "pitch_mm": 39.04, "angle_deg": None}],
    },
}  # fmt: skip


def test_what_was_accepted_of_frames_holds_in_every_mode() -> None:
    temp = ROW["sensors"]["P1.temp"]
    plain = {**temp["references"]["running"], "drivers": [], "normal": 2.5}
    row = {**ROW, "sensors": {name: {**temp, "references": {"": plain}} for name in ("P1.vib:velocity_rms", "PLC1:FLOW")}}
    found = machine("P1", row).sensors
    assert {mode: each.normal for mode, each in found["P1.vib:velocity_rms"].references.items()} == {"": 2.5, "running": 2.5, "slow": 2.5}
    assert found["PLC1:FLOW"].references.keys() == {""}, "a reading's log knows its mode"
    modeless = machine("P1", {**row, "plate": {**ROW["plate"], "moded": False, "modes": []}}).sensors
    assert modeless["P1.vib:velocity_rms"].references.keys() == {""}


def test_a_class_whose_failures_were_never_loaded_has_no_past() -> None:
    assert machine("P1", {**ROW, "past": None}).past is None


class Source:
    def __init__(self) -> None:
        self.away: Exception | None = None
        self.more: dict[str, Any] = {}

    def __call__(self) -> Mapping[str, Mapping[str, Any]]:
        if self.away:
            raise self.away
        return {"P1": ROW, **self.more}


def test_a_machine_is_known_with_references_limits_and_failures() -> None:
    machines = Machines(Source())
    assert machines.about("P1") == "references were not read yet"
    machines.look()
    known = machines.about("P1")
    assert isinstance(known, Machine)
    assert (known.kind, known.known_at_us, known.quantities) == ("pump", 2, frozenset({"temperature"}))
    assert known.sensors["P1.temp"].references["running"].expected({"P1.speed": 1100.0}) == 60.0
    assert known.failures[0].quantities == {"vibration", "temperature"}
    assert known.plate == Plate(75.0, None, 1480.0, "rigid", None, (("DE", Bearing(9, 7.94, 39.04)),))
    assert known.moded
    assert known.past == Past(6, 900.0)
    assert (known.sensors["P1.temp"].point, known.sensors["P1.temp"].by_exception) == ("DE", False)
    assert machines.about("P2") == "the database does not know this asset yet"


@pytest.mark.parametrize("problem", [psycopg.OperationalError("connection refused"), psycopg.OperationalError()])
def test_a_database_that_is_away_leaves_what_was_known_and_recovers(problem: Exception) -> None:
    source, health = Source(), Health()
    machines = Machines(source, health)
    source.away = problem
    machines.look()
    assert "the database does not answer" in str(machines.about("P1"))
    assert not health.snapshot()[NAME]["ok"]
    source.away = None
    machines.look()
    source.away = problem
    machines.look()
    assert isinstance(machines.about("P1"), Machine)
    assert "what was known goes on" in health.snapshot()[NAME]["reason"]
    source.away = None
    machines.look()
    assert health.snapshot()[NAME]["ok"]


def test_an_instance_without_a_database_is_in_order_and_says_so() -> None:
    source, health = Source(), Health()
    source.away = Unconfigured("no database: run `maint up`")
    machines = Machines(source, health)
    machines.look()
    assert machines.about("P1") == "no database: run `maint up`"
    assert health.snapshot()[NAME]["ok"]


def test_an_odd_row_costs_its_own_asset_the_news_and_is_told() -> None:
    source, health = Source(), Health()
    machines = Machines(source, health)
    source.more = {"P2": ROW, "P3": {**ROW, "sensors": None}}
    machines.look()
    assert isinstance(machines.about("P2"), Machine)
    assert "its references cannot be read: AttributeError" in str(machines.about("P3"))
    found = health.snapshot()[NAME]
    assert (found["ok"], "P3: its references" in found["reason"], "1 of 3 assets" in found["reason"]) == (False, True, True)
    source.more = {"P2": {**ROW, "failures": None}}
    machines.look()
    assert isinstance(machines.about("P2"), Machine), "as it was known"
    source.more = {}
    machines.look()
    assert health.snapshot()[NAME]["ok"]


def test_the_thread_outlives_whatever_reading_raises() -> None:
    source, health = Source(), Health()
    source.away = TypeError("odd")
    machines = Machines(source, health, every_s=0.01)
    machines.start()
    try:
        until = monotonic() + 30.0
        while health.snapshot().get(NAME, {}).get("ok", True) and monotonic() < until:
            sleep(0.01)
        assert health.snapshot()[NAME]["reason"] == "references cannot be read: TypeError: odd; what was known goes on"
        source.away = None
        while not isinstance(machines.about("P1"), Machine) and monotonic() < until:
            sleep(0.01)
        assert isinstance(machines.about("P1"), Machine)
    finally:
        machines.stop()
