"""Objects and rows of waveforms: an object first, then its row, and nothing twice."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from schemas import codec
from schemas.identifiers import deterministic_id
from settings import Settings
from sinks import archive, waveforms
from sinks.errors import Unreachable
from sinks.table import TableSink
from streams import topics
from tests.sinks.building import BASE_US, records
from tests.sinks.test_deliver import Plant, count, delivering, until
from tests.sinks.test_table import ORIGIN, one, write

VALUES = np.array([0.5, -2.0, np.pi], "<f4")
WAVEFORM: dict[str, Any] = {
    "waveform_id": deterministic_id("waveform", "frames", 0, 5), "asset_id": "Halle 2/P", "sensor_id": "P.vib", "ts": BASE_US,
    "known_at": BASE_US, "occasion": "begin", "condition_sensor_id": "P.vib:velocity_rms", "detector": "level1/limit", "kind": "limit_high",
    "sample_rate_hz": 4096.0, "unit": "m/s2", "size": 3, "values_f4": VALUES.tobytes(), "kernel": "k",
    "origin": {"topic_id": "frames", "partition": 0, "offset": 5, "nth": 0},
}  # fmt: skip
FULL = codec.encode("Waveform", WAVEFORM)


def objects(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "archive").rglob("*") if path.is_file()]


def decoded() -> Any:
    found = codec.decode(FULL)
    assert isinstance(found, codec.Decoded)
    return found.record


def test_numpy_opens_an_object_and_it_says_what_it_is() -> None:
    content = waveforms.packed(decoded())
    assert content == waveforms.packed(decoded())
    found = np.load(io.BytesIO(content))
    assert np.array_equal(found["values"], VALUES)
    assert found["values"].dtype == "<f4"
    assert found["ts"] == np.datetime64(BASE_US, "us")
    assert (float(found["sample_rate_hz"]), str(found["unit"]), str(found["asset_id"]), bool(found["cut"])) == (
        4096.0, "m/s2", "Halle 2/P", False,
    )  # fmt: skip


def test_names_stay_below_the_archive_and_fit_a_file_system() -> None:
    for asset in ("a/../../b", "..", "", "ä" * 200, "x\\y:z"):
        name = waveforms.name({**decoded(), "asset_id": asset})
        parts = name.split("/")
        assert len(parts) == 5
        assert all(part.strip(".") and len(part) < 255 for part in parts)
        assert name.isascii()


@pytest.mark.integration
def test_a_waveform_becomes_an_object_and_a_row(tables: Settings, connection: psycopg.Connection) -> None:
    for _ in range(2):
        write(tables, connection, waveforms.table(tables), WAVEFORM)
    (path,) = objects(tables)
    row = one(connection, "select asset, sensor, ts, rate_hz, samples, occasion, address, bytes, sha256 from plant.waveform")
    content, ts = path.read_bytes(), datetime.fromtimestamp(BASE_US / 1e6, UTC)
    digest = hashlib.sha256(content).hexdigest()
    assert row == ("Halle 2/P", "P.vib", ts, 4096.0, 3, "begin", path.as_uri(), len(content), digest)


@pytest.mark.integration
def test_a_crash_between_object_and_row_is_repeated_to_one_of_each(
    tables: Settings, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TableSink, "_attempt", crash)
        with pytest.raises(KeyboardInterrupt):
            write(tables, connection, waveforms.table(tables), WAVEFORM)
    (path,) = objects(tables)
    before = path.read_bytes()
    assert one(connection, "select count(*) from plant.waveform") == (0,)
    write(tables, connection, waveforms.table(tables), WAVEFORM)
    assert one(connection, "select address from plant.waveform") == (path.as_uri(),)
    assert (objects(tables), path.read_bytes()) == ([path], before)


@pytest.mark.integration
def test_no_row_without_its_object(tables: Settings, connection: psycopg.Connection) -> None:
    (tables.home / "archive").write_bytes(b"in the way")
    table = waveforms.table(tables)
    sink = TableSink(tables, table)
    begin = sink.load(connection, "topic", [0])[0]
    with pytest.raises(Unreachable, match="archive"):
        sink.write(connection, records([FULL], first=begin))
    assert one(connection, "select count(*) from plant.waveform") == (0,)
    assert sink.load(connection, "topic", [0]) == {0: begin}
    (tables.home / "archive").unlink()
    write(tables, connection, table, WAVEFORM)
    assert one(connection, "select count(*) from plant.waveform") == (1,)


@pytest.mark.integration
def test_a_turn_writes_what_it_has_time_for(tables: Settings, connection: psycopg.Connection) -> None:
    seconds = iter(range(100))
    sink = waveforms.Waveforms(tables, clock=lambda: next(seconds))
    begin = sink.load(connection, "topic", [0])[0]
    made = [
        codec.encode("Waveform", {**WAVEFORM, "waveform_id": deterministic_id(nth), "origin": {**ORIGIN, "nth": nth}}) for nth in range(20)
    ]
    assert sink.write(connection, records(made, first=begin)) == {0: begin + 16}
    assert sink.load(connection, "topic", [0]) == {0: begin + 16}
    assert sink.write(connection, records(made[16:], first=begin + 16)) == {0: begin + 20}
    assert one(connection, "select count(*), count(distinct address) from plant.waveform") == (20, 20)


@pytest.mark.integration
def test_values_that_are_no_numbers_are_set_aside_and_leave_no_object(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, waveforms.table(tables), {**WAVEFORM, "values_f4": b"abc"})
    assert one(connection, "select detail from ops.poison") == ("3 bytes of values: no multiple of 4",)
    assert not (tables.home / "archive").exists()


@pytest.mark.integration
def test_an_archive_that_is_away_holds_its_own_topic_only(instance_ready: Settings) -> None:
    plant, name = Plant(instance_ready), instance_ready.topic(topics.WAVEFORMS)
    in_the_way = instance_ready.home / "archive"
    in_the_way.write_bytes(b"")
    for nth in range(3):
        made = {"waveform_id": deterministic_id(nth), "origin": {**ORIGIN, "nth": nth}}
        plant.put(topics.WAVEFORMS, codec.encode("Waveform", {**WAVEFORM, **made}))
    plant.flush()
    with delivering(instance_ready) as sink:
        until(lambda: sink.lanes[name].breaker.failures >= 2)
        plant.put(topics.SCORED, plant.readings(10))
        plant.flush()
        until(lambda: count(instance_ready, "plant.measurement") == 10)
        first, last = sink._health.snapshot()[name], sink.lanes[name].breaker.failures
        until(lambda: sink.lanes[name].breaker.failures > last)
        told = sink._health.snapshot()[name]
        assert "archive" in told["reason"]
        assert (told["ok"], told["since"]) == (False, first["since"])
        assert sink._health.ready().ok
        in_the_way.unlink()
        until(lambda: count(instance_ready, "plant.waveform") == 3)
        until(lambda: sink._health.snapshot()[name]["ok"])
    assert len([path for path in in_the_way.rglob("*.npz") if path.is_file()]) == 3


def test_the_archive_is_the_one_of_the_settings(tmp_path: Path) -> None:
    assert isinstance(archive.archive(Settings(home=tmp_path)), archive.Folder)
    assert isinstance(archive.archive(Settings(home=tmp_path, archive_url="s3://plant/waves")), archive.Bucket)
