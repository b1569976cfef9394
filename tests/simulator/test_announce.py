from simulator import announce
from simulator.memory import Memory
from simulator.plant import Layout
from streams.topics import CATALOGUE


def test_the_catalogue_of_a_plant_stands_under_its_keys() -> None:
    outlet, layout = Memory(), Layout(assets=3, sensors=4, gateways=2)
    announce.catalogue(outlet, announce.installed(layout, version=5, period_s=2.0))
    entries = outlet.decoded("CatalogueEntry", CATALOGUE)
    assert [key for key, _ in entries[:3]] == ["asset/pump-001", "asset/motor-002", "asset/fan-003"]
    key, vibration = entries[3]
    assert key == "sensor/pump-001.vibration"
    assert (vibration["unit"], vibration["limit_h"], vibration["gateway"], vibration["period_s"]) == ("mm/s", 4.5, "gateway-01", 2.0)
    assert entries[7][1]["gateway"] == "gateway-02"
    assert len(entries) == 3 + 12
