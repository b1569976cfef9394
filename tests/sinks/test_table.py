"""The writers of ordinary topics against the real database."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from schemas import codec
from settings import Settings
from sinks import anomalies, catalogue, evidence, features, predictions, rejections, spectra
from sinks.errors import Stale
from sinks.table import Table, TableSink
from tests.sinks.building import BASE_US, records

pytestmark = pytest.mark.integration

ORIGIN = {"topic_id": "raw", "partition": 0, "offset": 5, "nth": 0}
REJECTION = {
    "topic": "readings.raw.v1", "origin": ORIGIN, "known_at": BASE_US, "reason": "undecodable", "detail": "a\x00b", "key": b"\x00\xff",
    "value": b"\x00\x01", "length": 2, "sha256": "ab", "sensor_id": None,
}  # fmt: skip
EVIDENCE = {
    "asset_id": "pump", "sensor_id": "s", "gateway": "", "detector": "level1/ewma", "kind": "spike", "subject": "machine", "phase": "on",
    "ts": BASE_US, "since": BASE_US, "known_at": BASE_US, "value": 1.5, "expected": 1.0, "surprise": math.nan, "threshold": 5.0,
    "severity": 2, "model": "m", "contributions": {"s": 1.0}, "origin": ORIGIN,
}  # fmt: skip
FEATURES = {
    "asset_id": "pump", "window_s": 10, "start": BASE_US, "known_at": BASE_US, "sensors": ["a", "b"], "kernel": "k", "origin": ORIGIN,
    **{f"{name}_{kind}": np.array([1, 2], f"<{kind}").tobytes() for name, kind in features.COLUMNS.items()},
}  # fmt: skip
SPECTRUM = {
    "asset_id": "pump", "sensor_id": "s", "ts": BASE_US, "known_at": BASE_US, "occasion": "hour", "rate_hz": 4096.0, "size": 4096,
    "kind": "velocity", "unit": "mm/s", "first_hz": 0.0, "df_hz": 1.0, "enbw_lines": 1.5,
    "amplitude_f4": np.array([0.5, 2.0], "<f4").tobytes(), "kernel": "k", "origin": ORIGIN,
}  # fmt: skip
ANOMALY = {
    "episode_id": "5f0d2a3c-9a0e-5d57-8f3e-0f6d5f1c7b11", "revision": 0, "asset_id": "pump", "subject": "machine",
    "detector": "level1/ewma", "kind": "spike", "phase": "open",
    "start": BASE_US, "last": BASE_US, "known_at": BASE_US, "severity": 2, "surprise": 7.5,
    "contributions": [
        {"sensor_id": "s", "share": 1.0, "detector": "level1/ewma", "kind": "spike", "surprise": math.nan, "value": 1.0, "expected": 2.0}
    ],
    "model": "m", "thresholds": {"level1/ewma": 5.0}, "quality": 1.0, "correlation_id": "c", "causation_id": "d", "origin": ORIGIN,
}  # fmt: skip
PREDICTION = {
    "prediction_id": "5f0d2a3c-9a0e-5d57-8f3e-0f6d5f1c7b12", "asset_id": "pump", "ts": BASE_US, "known_at": BASE_US, "method": "trend",
    "health": 0.7, "limit_d": 12.5, "limit_sensor": "s", "hours_f8": np.array([-24.0, 0.0], "<f8").tobytes(),
    "deviation_f8": np.array([0.5, math.nan], "<f8").tobytes(), "inputs": {"s.mean": math.nan}, "outputs": {}, "coverage": 0.9,
    "duty": 0.5, "severity": 3, "maintenance_type": "preventive", "first": BASE_US, "last": BASE_US, "windows": 2, "days": 1,
    "kernel": "k", "correlation_id": "c", "causation_id": "d", "origin": ORIGIN,
}  # fmt: skip
SENSOR = {"kind": "sensor", "version": 2, "asset_id": "pump", "sensor_id": "s", "unit": "mm/s", "limit_hh": 7.1, "reporting": "periodic"}


def write(settings: Settings, connection: psycopg.Connection, table: Table, *items: Mapping[str, Any] | bytes) -> TableSink:
    sink = TableSink(settings, table)
    begin = sink.load(connection, "topic", [0])[0]
    values = [item if isinstance(item, bytes) else codec.encode(table.schema, item) for item in items]
    assert sink.write(connection, records(values, first=begin)) == {0: begin + len(values)}
    return sink


def one(connection: psycopg.Connection, query: str) -> Any:
    found = connection.execute(query).fetchall()
    assert len(found) == 1
    return found[0]


def test_each_topic_fills_its_view_and_a_second_copy_changes_nothing(tables: Settings, connection: psycopg.Connection) -> None:
    for _ in range(2):
        for table, item in (
            (rejections.TABLE, REJECTION),
            (evidence.TABLE, EVIDENCE),
            (features.TABLE, FEATURES),
            (spectra.TABLE, SPECTRUM),
            (anomalies.TABLE, ANOMALY),
            (predictions.TABLE, PREDICTION),
            (catalogue.TABLE, SENSOR),
        ):
            write(tables, connection, table, item)
    refused = one(connection, 'select "offset", reason, detail, key, value from ops.rejection')
    assert refused == (5, "undecodable", "a␀b", b"\x00\xff", b"\x00\x01")
    condition = one(connection, "select asset, sensor, gateway, kind, value, surprise from plant.evidence")
    assert condition == ("pump", "s", None, "spike", 1.5, None)
    windows = connection.execute("select sensor, window_s, mean, n from plant.feature order by 1").fetchall()
    assert windows == [("a", 10, 1, 1), ("b", 10, 2, 2)]
    future = one(connection, "select asset, health, limit_d, limit_at - ts, hours, rul_d, inputs ->> 's.mean' from plant.prediction_now")
    assert future == ("pump", 0.7, 12.5, timedelta(days=12.5), [-24.0, 0.0], None, "NaN")
    assert one(connection, "select sensor, kind, amplitude, band_low_hz from plant.spectrum") == ("s", "velocity", [0.5, 2.0], None)
    assert one(connection, 'select asset, open, surprise, "end" from plant.episode') == ("pump", True, 7.5, None)
    assert one(connection, "select revision from plant.episode_step") == (0,)
    assert one(connection, "select sensor, share, surprise, expected from plant.episode_contribution") == ("s", 1.0, None, 2.0)
    assert one(connection, "select sensor, asset, unit, limit_hh, catalogued from plant.sensor") == ("s", "pump", "mm/s", 7.1, True)
    assert one(connection, "select count(*) from store.poison") == (0,)


def test_an_episode_shows_its_newest_step(tables: Settings, connection: psycopg.Connection) -> None:
    closed = {**ANOMALY, "revision": 2, "phase": "close", "end": BASE_US}
    write(tables, connection, anomalies.TABLE, ANOMALY, closed, {**ANOMALY, "revision": 1, "phase": "update"})
    assert one(connection, "select revision, phase, open from plant.episode") == (2, "close", False)
    assert one(connection, "select count(*) from plant.episode_step") == (3,)


def test_an_older_catalogue_entry_changes_nothing(tables: Settings, connection: psycopg.Connection) -> None:
    asset = {"kind": "asset", "asset_id": "pump", "criticality": "A"}
    write(tables, connection, catalogue.TABLE, SENSOR, {**SENSOR, "version": 1, "unit": "old"})
    write(tables, connection, catalogue.TABLE, {**asset, "version": 3}, {**asset, "version": 2, "criticality": "B"})
    assert one(connection, "select unit from plant.sensor") == ("mm/s",)
    assert one(connection, "select asset, criticality, sensors from plant.asset") == ("pump", "A", 1)


def test_bad_records_are_set_aside_and_the_rest_is_written(tables: Settings, connection: psycopg.Connection) -> None:
    connection.execute("alter table store.evidence add constraint refused check (severity < 9)")
    tick = codec.encode("Mark", {"kind": "tick", "version": 1})
    wrong_type = codec.encode("Rejection", REJECTION)
    second = {**EVIDENCE, "origin": {**ORIGIN, "nth": 1}}
    refused = {**EVIDENCE, "severity": 9, "origin": {**ORIGIN, "nth": 2}}
    beyond = {**EVIDENCE, "ts": 2**62, "origin": {**ORIGIN, "nth": 3}}
    write(tables, connection, evidence.TABLE, EVIDENCE, b"junk", tick, wrong_type, refused, beyond, second)
    assert one(connection, "select count(*) from plant.evidence") == (2,)
    kept = connection.execute('select "offset", value is not null from ops.poison order by 1').fetchall()
    assert kept == [(1, True), (3, True), (4, True), (5, True)]


def test_amplitudes_that_are_no_numbers_are_set_aside(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, spectra.TABLE, {**SPECTRUM, "amplitude_f4": b"abc"})
    assert one(connection, "select detail from ops.poison") == ("3 bytes of amplitudes: no multiple of 4",)


def test_features_of_unequal_length_are_set_aside(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, features.TABLE, {**FEATURES, "sensors": ["a"]})
    assert "differ in length" in one(connection, "select detail from ops.poison")[0]


def test_another_sink_makes_it_stale(tables: Settings, connection: psycopg.Connection) -> None:
    sink = write(tables, connection, evidence.TABLE, EVIDENCE)
    write(tables, connection, evidence.TABLE, EVIDENCE)
    with pytest.raises(Stale):
        sink.write(connection, records([codec.encode("Evidence", EVIDENCE)], first=1))
