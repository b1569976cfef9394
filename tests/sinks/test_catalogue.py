"""Catalogue entries in the real database: what is in force, the history of assignments, coverage."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import psycopg
import pytest

from catalogue import coverage
from catalogue.classes import CLASSES
from processors import zones
from schemas import codec
from settings import Settings
from sinks import catalogue
from sinks.table import TableSink
from store import migrate, references
from streams.machines import machine
from tests.catalogue.building import asset, known, sensor
from tests.sinks.building import BASE_US, records

pytestmark = pytest.mark.integration

DAY_US = 86_400_000_000
BASE = datetime(2026, 1, 1, tzinfo=UTC)
HISTORY = "select asset, scale, since, until from plant.sensor_assignment where sensor = 'P1.temp' order by known_at"
BEARING = {"point": "DE", "elements": 8, "diameter_mm": 7.94, "pitch_mm": 38.5, "angle_deg": 0.0}
RULE = {"sensor_id": "P1.speed", "comparison": "above", "threshold": 100.0, "hysteresis": 5.0, "delay_s": 10.0}


def write(settings: Settings, connection: psycopg.Connection, *entries: dict[str, Any]) -> None:
    sink = TableSink(settings, catalogue.TABLE)
    begin = sink.load(connection, "topic", [0])[0]
    sink.write(connection, records([codec.encode("CatalogueEntry", entry) for entry in entries], first=begin))
    assert connection.execute("select detail from ops.poison").fetchall() == []


def day(number: int) -> datetime:
    return BASE + timedelta(days=number)


def test_an_asset_shows_all_the_catalogue_says(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, asset(bearings=[BEARING], run_state=RULE, power_kw=75.0, gear_teeth=[23, 67], machine_group="2"))
    write(tables, connection, asset(version=4, power_kw=1.0))
    found = connection.execute("select power_kw, bearings, run_state, gear_teeth, machine_group, modes, state from plant.asset").fetchall()
    assert found == [(75.0, [BEARING], RULE, [23, 67], "2", [], None)]
    stated = sensor(point="DE", direction="axial", coupled_with=["P1.flow"], valid_from=BASE_US)
    write(tables, connection, stated)
    row = connection.execute("select point, direction, coupled_with, valid_from, catalogued from plant.sensor").fetchall()
    assert row == [("DE", "axial", ["P1.flow"], BASE, True)]


@pytest.mark.parametrize("order", [1, -1])
def test_the_history_is_the_same_in_any_order_and_after_a_second_copy(tables: Settings, connection: psycopg.Connection, order: int) -> None:
    steps: list[dict[str, Any]] = [
        {"on": "P1"}, {"on": "P1", "limit_h": 80.0}, {"on": "P2"}, {"on": "P2", "scale": 0.5, "valid_from": BASE_US + 2 * DAY_US},
        {"on": "P2", "scale": 0.5, "valid_from": BASE_US + 2 * DAY_US, "state": "decommissioned"}, {"on": "P1"},
    ]  # fmt: skip
    entries = [sensor(**step, version=BASE_US + at * DAY_US) for at, step in enumerate(steps)]
    write(tables, connection, *entries[::order])
    write(tables, connection, *entries)
    expected = [
        ("P1", 1.0, day(0), day(2)), ("P2", 1.0, day(2), day(2)), ("P2", 0.5, day(2), day(4)), ("P1", 1.0, day(5), None),
    ]  # fmt: skip
    assert connection.execute(HISTORY).fetchall() == expected
    assert connection.execute("select asset from plant.sensor").fetchall() == [("P1",)]


def test_coverage_says_the_same_in_sql_as_in_python(tables: Settings, connection: psycopg.Connection) -> None:
    found = known(
        asset("A", **{"class": "pump"}, criticality="A", bearings=[BEARING], speed_rpm=1480.0, power_kw=75.0),
        asset("B", **{"class": "fan"}, criticality="B"),
        asset("C", **{"class": "mill"}),
        asset("D", **{"class": "pump"}, state="decommissioned"),
        asset("E", **{"class": "motor"}, bearings=[BEARING], speed_rpm=1480.0, power_kw=75.0, support="rigid"),
        sensor("A.vib", "A", quantity="vibration", unit="mm/s", statistic="rms", direction="axial", limit_h=4.5),
        sensor("A.temp", "A", quantity="temperature", unit="degC", point="DE"),
        sensor("A.suction", "A", quantity="pressure", unit="bar", point="suction", state="out_of_service"),
        sensor("A.flow", "A", quantity="flow", unit="m3/h", limit_l=1.0),
        sensor("B.current", "B", quantity="current", unit="A"),
        sensor("D.flow", "D", quantity="flow", limit_l=1.0),
        *(sensor(f"E.{point}", "E", quantity="vibration", unit="m/s2", point=point) for point in ("DE", "NDE")),
        *(sensor(f"E.{unit}", "E", quantity="vibration", unit=unit, statistic="rms") for unit in ("mm/s", "um", "g")),
        sensor("E.peak", "E", quantity="vibration", unit="mm/s", statistic="peak"),
        sensor("E.change", "E", quantity="vibration", unit="mm/s", statistic="rms", reporting="by_exception"),
        sensor("E.soft", "E", quantity="vibration", unit="mm/s", statistic="rms", support="flexible"),
    )
    frames = [("A", "A.vib:velocity_rms"), ("E", "E.DE:velocity_rms"), ("E", "E.NDE:velocity_rms")]
    sent = [*frames, ("A", "A.flow"), ("B", "B.current"), ("E", "E.mm/s"), ("E", "E.um"), ("E", "E.g")]
    referred = [("A", "A.vib:velocity_rms"), ("A", "A.temp")]
    at_rest = {**reference("off"), "sensor_id": "A.flow", "asset_id": "A"}
    write(tables, connection, *found.values(), at_rest, *({**reference(), "sensor_id": name, "asset_id": on} for on, name in referred))
    for on, name in frames:
        connection.execute("insert into store.sensor (name, asset_id) select %s, asset_id from store.asset where name = %s", (name, on))
    connection.execute("update store.sensor set newest_hour = now() where name = any(%s)", ([name for _, name in sent],))
    columns = "asset, criticality, class, failure_mode, coverage, sensor, detector, p_f_low_h, p_f_high_h, action"
    seen = connection.execute(f"select {columns} from plant.coverage".encode()).fetchall()
    rows = coverage.coverage(found, coverage.Heard(sent, referred))
    names = ("asset", "criticality", "machine_class", "failure_mode", "coverage", "sensor", "detector", "p_f_low_h", "p_f_high_h", "action")
    assert set(seen) == {tuple(getattr(row, name) for name in names) for row in rows}
    assert len(seen) == len(rows)
    assert {row.coverage for row in rows} == {
        "watched", "sensor never sent", "no accepted reference", "not monitored", "no class",
    }  # fmt: skip
    of_motor = {(row.sensor, row.detector, row.coverage) for row in rows if (row.asset, row.failure_mode) == ("E", "bearing_wear")}
    assert {row for row in of_motor if str(row[1]).startswith("vibration/")} == {
        ("E.DE", "vibration/zone", "watched"), ("E.DE", "vibration/envelope", "watched"), ("E.NDE", "vibration/zone", "watched"),
        ("E.mm/s", "vibration/zone", "watched"), ("E.um", "vibration/zone", "watched"), ("E.soft", "vibration/zone", "sensor never sent"),
    }  # fmt: skip


def test_a_standard_judges_the_same_machines_in_sql_as_in_python(connection: psycopg.Connection) -> None:
    kinds = (*CLASSES, "reciprocating", None)
    plates = product((None, 1.0, 15.0, 75.0, 300.0, 300.5, 50_001.0), (None, 159.0, 160.0), (None, 599.0, 600.0, 30_001.0))
    machines = list(product(("velocity", "displacement", None), kinds, (None, "1", "II", "3"), plates, (None, "rigid", "flexible")))
    points = {"velocity": zones.Point(0.0, None, 10.0, 1000.0), "displacement": zones.Point(None, 0.0, 10.0, 1000.0)}
    rows = [
        (measured, kind, group, *plate, support,
         measured in points and isinstance(zones.zone(points[measured], zones.Machine(kind, *plate, support, group)), zones.Zone))
        for measured, kind, group, plate, support in machines
    ]  # fmt: skip
    connection.execute(
        'create temporary table machine (measured text, class text, "group" text, kw float, mm float, rpm float, support text, judged bool)'
    )
    with connection.cursor() as cursor, cursor.copy("copy machine from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    wrong = connection.execute(
        'select * from machine where judged is distinct from store.judged(measured, class, "group", kw, mm, rpm, support) limit 5'
    )
    assert wrong.fetchall() == []
    assert sum(row[-1] for row in rows) > 100


def test_machines_are_known_to_have_modes(tables: Settings, connection: psycopg.Connection) -> None:
    band = {"name": "low", "sensor_id": "P1.speed", "low": 0.0, "high": 1500.0}
    write(tables, connection, asset("A"), asset("B", run_state=RULE), asset("C", modes=[band]))
    machines = {name: machine(name, row) for name, row in references.read(connection).items()}
    assert {name: each.moded for name, each in machines.items()} == {"A": False, "B": True, "C": True}


def test_classes_are_written_anew_by_every_migration(tables: Settings, connection: psycopg.Connection) -> None:
    connection.execute("update store.failure_mode set action = 'old'; delete from store.symptom")
    migrate.upgrade(tables)
    assert connection.execute("select count(*) from store.failure_mode where action = 'old'").fetchall() == [(0,)]
    assert connection.execute("select count(*) from store.symptom").fetchall() == [(len(coverage.symptoms()),)]


def test_what_was_in_force_before_begins_the_history(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, sensor(version=BASE_US))
    migrate.downgrade(tables, "0002")
    migrate.upgrade(tables)
    assert connection.execute(HISTORY).fetchall() == [("P1", 1.0, day(0), None)]


def test_a_baseline_is_no_row_of_a_sensor(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, {**sensor(), "kind": "baseline"})
    assert connection.execute("select count(*) from plant.sensor").fetchall() == [(0,)]


def reference(mode: str = "", version: int = BASE_US, **fields: Any) -> dict[str, Any]:
    stated = {"mode": mode, "normal": 50.0, "spread": 2.0, "sway": 0.5, "accepted": True, "who": "R. Ortiz", "begin": BASE_US, **fields}
    return {"kind": "baseline", "version": version, "asset_id": "P1", "sensor_id": "P1.temp", "baseline": stated}


def test_the_newest_reference_of_each_mode_is_in_force(tables: Settings, connection: psycopg.Connection) -> None:
    newer = reference(version=BASE_US + 1, normal=60.0, drivers=[{"sensor_id": "P1.speed", "slope": 0.1, "centre": 1000.0}])
    write(tables, connection, newer, reference(), reference("off"), newer)
    found = connection.execute('select mode, normal, accepted, who, "begin", drivers from plant.baseline order by mode').fetchall()
    assert found == [("", 60.0, True, "R. Ortiz", BASE, newer["baseline"]["drivers"]), ("off", 50.0, True, "R. Ortiz", BASE, [])]
    assert connection.execute("select count(*) from plant.baseline_history").fetchone() == (3,)


@pytest.mark.parametrize(
    ("mean", "limit_h", "health"),
    [(51.0, None, 1.0), (48.0, None, 1.0), (61.0, None, 0.5), (80.0, None, 0.0), (56.0, 60.0, 0.5), (39.0, 60.0, 0.5)],
)
def test_health_falls_from_the_usual_scatter_to_the_limit(
    tables: Settings, connection: psycopg.Connection, mean: float, limit_h: float | None, health: float
) -> None:
    """Expected 50 at speed 1000 and 0.1 more per unit of speed; the scatter is 2."""
    shares = [{"sensor_id": "P1.speed", "slope": 0.1, "centre": 1000.0}]
    write(tables, connection, sensor(version=BASE_US, limit_h=limit_h), reference(drivers=shares))
    start = BASE
    connection.execute(
        """insert into store.feature (asset, window_s, start, sensors, n, good, mean, std, min, max, first, last, slope, rms, peak_to_peak,
             kurtosis, crest, surprise, mode, historical, known_at, kernel, topic_id, partition, off, nth)
           select 'P1', 600, %s, array['P1.temp', 'P1.speed'], array[9, 9], o, array[%s, 1000]::float8[], o, o, o, o, o, o, o, o, o, o, o,
             '', false, %s, '1', '00000000-0000-0000-0000-000000000000', 0, 1, 0 from (select array[1, 1]::float8[] as o) x""",
        (start, mean, start),
    )
    assert connection.execute("select sensor, expected, health from plant.health_part").fetchall() == [("P1.temp", 50.0, health)]
    assert connection.execute("select asset, health, worst_sensor, sensors from plant.health").fetchall() == [("P1", health, "P1.temp", 1)]
