"""Windows through the real control process and sink: a level-2 episode, and a time to limit as rows an analyst reads."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer

from models.shelf import Shelf
from processors.daily import DAY_US
from schemas.codec import encode
from schemas.identifiers import partition_of
from settings import Settings
from streams.topics import FEATURES
from tests.conftest import Servers
from tests.faults import harness
from tests.faults.harness import Chain, until
from tests.processors.plant import BEGIN_US, WINDOWS, window
from tests.streams.agents.detectors import own, record, trained

pytestmark = pytest.mark.integration

DAYS, RISE = 16, 1.0
KNOWN = f"""
insert into store.asset (name, class, version) values ('P1', 'pump', 1), ('P2', 'pump', 1);
insert into store.sensor (name, asset_id, quantity, version, limit_h) select 'P2.temp', asset_id, 'temperature', 1, 90
  from store.asset where name = 'P2';
insert into store.baseline (sensor, mode, version, asset, normal, spread, sway, readings, "begin", "end", accepted)
  values ('P2.temp', 'running', {BEGIN_US + DAY_US}, 'P2', 50, 1, 0.5, 1000, to_timestamp({BEGIN_US // 1_000_000}),
    to_timestamp({(BEGIN_US + DAY_US) // 1_000_000}), true);
"""
LAST = f"""select limit_d, limit_low_d, limit_high_d, limit_sensor, limit_reason from plant.prediction_now
  where asset = 'P2' and days = {DAYS} and method = 'trend'""".encode()
HEALTH = b"""select count(*), count(*) filter (where p.health <> h.health) from plant.prediction p
  join plant.health h on h.asset = p.asset and h.start = p.last where p.asset = 'P2' and p.health is not null"""


def send(settings: Settings, windows: list[dict[str, Any]]) -> None:
    producer = Producer(settings.kafka)
    for each in windows:
        asset = each["asset_id"].encode()
        producer.produce(settings.topic(FEATURES), encode("Features", each), key=asset, partition=partition_of(asset, settings.partitions))
    assert producer.flush(30) == 0


def warming() -> list[dict[str, Any]]:
    """A window an hour of a bearing that warms by a degree a day."""
    return [
        window(number, {"P2.temp": 50.0 + RISE * number / WINDOWS + 0.2 * (number % 7 - 3)}, asset="P2")
        for number in range(0, DAYS * WINDOWS, 6)
    ]


def test_windows_become_episodes_and_predictions(
    servers: Servers, instance_ready: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "warm_kernels", lambda: None)  # no data plane runs here
    with psycopg.connect(instance_ready.database_url.get_secret_value(), autocommit=True) as connection:
        connection.execute(KNOWN.encode())
        with Chain(instance_ready, servers.stack, tmp_path) as chain:
            shelf = Shelf(tmp_path / "control-0" / "models" / "served")
            known = own()
            shelf.remember([known])
            trained().artifact.write(tmp_path / "control-0" / "models" / "served" / known.digest)
            send(instance_ready, [record(number, shift=8.0 if number >= 20 else 0.0) for number in range(40)])
            send(instance_ready, warming())
            chain.start("control")
            chain.start("deliver")
            until(lambda: bool(connection.execute(LAST).fetchall()), "a time to limit", 120)
            until(lambda: bool(connection.execute("select 1 from plant.episode").fetchall()), "an episode", 60)
            ((days, low, high, sensor, reason),) = connection.execute(LAST).fetchall()
            assert (sensor, reason) == ("P2.temp", "")
            assert low <= days <= high
            assert days == pytest.approx(40.0 / RISE - DAYS, rel=0.1)
            assert connection.execute("select asset, subject, kind, model, open from plant.episode").fetchall() == [
                ("P1", "machine", "pattern", "level2_P1:1", True)
            ]
            shares: dict[str, float] = dict(connection.execute("select sensor, share from plant.episode_contribution").fetchall())
            assert sorted(shares) == ["P1.flow", "P1.temp"]  # they follow one load: which of the two left it cannot be told
            assert sum(shares.values()) == pytest.approx(1.0)
            ((action,),) = connection.execute("select candidates -> 0 ->> 'action' from plant.prediction_now where asset = 'P2'").fetchall()
            assert action
            hours = connection.execute("select count(*), count(distinct date_trunc('hour', ts)) from plant.prediction where asset = 'P2'")
            ((rows, distinct),) = hours.fetchall()
            assert rows == distinct
            until(lambda: connection.execute(HEALTH).fetchall()[0][0] > 0, "windows beside predictions", 60)
            assert connection.execute(HEALTH).fetchall()[0][1] == 0, "health is that of the view"
