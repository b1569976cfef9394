from catalogue import rules, sheet
from catalogue.classes import every, load
from catalogue.diff import compare
from catalogue.entry import subject
from catalogue.templates import FILLED, apply, chosen, prefilled, unmatched
from tests.catalogue.building import asset, known, sensor, written

PUMP = load("pump")


def test_blanks_are_filled_and_what_a_person_stated_stays() -> None:
    before = known(
        asset(), sensor("P1.vibration_de"), sensor("P1/flow", unit="l/s"), sensor("P1.x", quantity="pressure", point="discharge"),
        sensor("P1.current", unit="A", statistic="mean"),
    )  # fmt: skip
    applied = apply(PUMP, before, ["P1"])
    after = {subject(entry): entry for entry in applied.entries}
    assert after["asset", "P1"]["class"] == "pump"
    vibration = after["sensor", "P1.vibration_de"]
    assert [vibration[name] for name in FILLED] == ["vibration", "mm/s", "DE", "horizontal", "rms"]
    assert (after["sensor", "P1.x"]["unit"], after["sensor", "P1.x"]["coupled_with"]) == ("bar", ["P1/flow"])
    assert (after["sensor", "P1/flow"]["unit"], after["sensor", "P1/flow"]["quantity"]) == ("l/s", None)
    assert after["sensor", "P1.current"]["statistic"] == "mean"
    told = {(each.sensor, each.problem.split(":")[0]) for each in applied.deviations}
    assert ("P1/flow", "unit is l/s, the class expects m3/h") in told
    assert ("P1.speed", "missing") in told
    assert not any(each.sensor.endswith("seal_pressure") for each in applied.deviations)


def test_applying_twice_changes_nothing_more() -> None:
    before = known(asset(), sensor("P1.vibration_de"), sensor("P1.flow"), sensor("P1.discharge_pressure"))
    once = known(*before.values(), *apply(PUMP, before, ["P1"]).entries)
    assert compare(apply(PUMP, once, ["P1"]).entries, once).entries == []


def test_assets_of_another_class_or_none_are_left_alone() -> None:
    before = known(asset("F1", **{"class": "fan"}), sensor("S.x", "S"))
    applied = apply(PUMP, before, ["F1", "nothing", "S"])
    assert [entry["asset_id"] for entry in applied.entries] == ["S"]
    assert [each.problem for each in applied.deviations[:2]] == ["is a fan, not a pump: left alone", "not in the catalogue"]


def test_two_hundred_assets_by_one_pattern() -> None:
    names = [f"P-{number:03}" for number in range(200)]
    before = known(*(entry for name in names for entry in (asset(name), sensor(f"{name}.flow", name))), asset("F-1"))
    applied = apply(PUMP, before, chosen(before, "P-*"))
    assert len(applied.entries) == 400
    assert len({each.asset for each in applied.deviations}) == 200


def test_decommissioned_assets_are_not_chosen() -> None:
    assert chosen(known(asset("P1"), asset("P2", state="decommissioned"), sensor("P2.x", "P2")), "P*") == ["P1"]


def test_a_prefilled_sheet_can_be_imported() -> None:
    for machine in every():
        read = sheet.read(written(prefilled(machine, ["P1", "P2"]), excel=False))
        assert rules.check(read, {}) == []
        assert len(read.rows) == 2 * (1 + len(machine.sensors))


def test_limits_get_a_delay_and_a_stated_one_stays() -> None:
    made = {entry["sensor_id"]: entry for entry in prefilled(PUMP, ["P"]) if entry["kind"] == "sensor"}
    assert (made["P.current"]["delay_on_s"], made["P.temperature_de"]["delay_on_s"], made["P.speed"]["delay_on_s"]) == (15.0, 60.0, None)
    made["P.current"]["delay_on_s"], made["P.flow"]["delay_on_s"] = 3.0, None
    stated = {("sensor", name): entry for name, entry in made.items()}
    applied = {entry["sensor_id"]: entry for entry in apply(PUMP, stated, ["P"]).entries if entry["kind"] == "sensor"}
    assert (applied["P.current"]["delay_on_s"], applied["P.flow"]["delay_on_s"]) == (3.0, 15.0)


def test_a_pattern_without_a_match_is_named_with_near_names() -> None:
    found = known(asset("P-101"), asset("P-102"), asset("FAN-7"), sensor("X.temp", "FAN-7"))
    assert unmatched(found, "p-1*") == (
        "no asset fits 'p-1*' (capitals count, * and ? stand for other characters); near names: P-101, P-102"
    )
    assert unmatched(found, "P101").endswith("near names: P-101, P-102")
    assert unmatched(found, "compressor").endswith("the catalogue has FAN-7, P-101, P-102")
    assert "the catalogue has no asset yet" in unmatched({}, "*")
    gone = known(asset("P-101", state="decommissioned"))
    assert unmatched(gone, "P-*") == "all that fits 'P-*' is decommissioned: P-101; import it with another state first"
