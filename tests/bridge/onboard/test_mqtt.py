from pathlib import Path

from bridge.births import Births
from bridge.mapping import Mapping
from bridge.onboard.mqtt import Ear
from bridge.onboard.propose import rows
from telemetry.health import Health
from tests.bridge.building import STRING, metric, payload

TS = 1_700_000_000_000


def test_births_tell_units_and_spans_and_data_the_period(tmp_path: Path) -> None:
    ear = Ear(Mapping(), Births(tmp_path), Health())
    stated = {"engUnit": "bar", "engLow": 0.0, "engHigh": 16.0}
    born = [metric("Pressure", 1.5, alias=1, properties=stated, timestamp=TS), metric("Model", "X1", STRING)]
    ear.hear("spBv1.0/g/DBIRTH/n/pump", payload(*born, seq=0), 1)
    for number in range(1, 30):
        ear.hear("spBv1.0/g/DDATA/n/pump", payload(metric(None, 1.5 + number, None, alias=1, timestamp=TS + 5000 * number), seq=number), 1)
    _, sensor = rows(ear.signals)
    assert sensor["sensor_id"] == "g/n/pump/Pressure"
    assert (sensor["quantity"], sensor["unit"], sensor["range_low"], sensor["range_high"]) == ("pressure", "bar", 0.0, 16.0)
    assert (sensor["reporting"], sensor["period_s"]) == ("periodic", 5.0)


def test_json_without_a_rule_is_shown_with_the_rule_it_needs(tmp_path: Path) -> None:
    ear = Ear(Mapping(), Births(tmp_path), Health())
    for second in range(12):
        ear.hear("plant/m1/state", b'{"temp": 20.5, "more": {"flow": 3}, "text": "17"}', second * 1_000_000)
    found = {row["sensor_id"]: row for row in rows(ear.signals) if row["kind"] == "sensor"}
    assert set(found) == {"plant.m1.state.temp", "plant.m1.state.more.flow"}
    assert "needs a rule for topic plant/m1/state, value /more/flow" in found["plant.m1.state.more.flow"]["note"]
