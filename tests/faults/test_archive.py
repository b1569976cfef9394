"""A frame that breaks a limit, through the real processes, while the archive is away and the sink dies."""

from pathlib import Path

import numpy as np
import pytest
from confluent_kafka import Producer

from schemas.codec import encode
from schemas.identifiers import partition_of
from settings import Settings
from streams.topics import FRAMES, WAVEFORMS
from tests.conftest import Servers
from tests.faults.harness import Chain, until
from tests.streams.building import START_MS

pytestmark = [pytest.mark.integration, pytest.mark.faults]

RATE_HZ = 4096.0
LIMIT = {"kind": "sensor", "version": 1, "asset_id": "P1", "sensor_id": "P1.vib:velocity_rms", "limit_h": 0.01}
STORED = "select asset, sensor, kind, samples, address from plant.waveform"


def send(settings: Settings, values: list[bytes]) -> None:
    producer, partition = Producer(settings.kafka), partition_of(b"P1", settings.partitions)
    for value in values:
        producer.produce(settings.topic(FRAMES), value, key=b"P1", partition=partition)
    assert producer.flush(30) == 0


def frame(n: int) -> bytes:
    values = np.sin(np.arange(4096) / 10).astype("<f4").tobytes()
    body = {"sensor_id": "P1.vib", "ts": (START_MS + 60_000 * n) * 1000, "sample_rate_hz": RATE_HZ, "kind": "waveform", "values": values}
    return encode("Frame", body)


def test_a_waveform_waits_for_the_archive_and_arrives_once(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    mark = encode("Mark", {"kind": "catalogue", "version": 1, "subject": f"sensor/{LIMIT['sensor_id']}", "entry": LIMIT})
    with Chain(instance_ready, servers.stack, tmp_path) as chain, chain.connect() as connection:
        in_the_way = tmp_path / "deliver-0" / "archive"
        in_the_way.parent.mkdir()
        in_the_way.write_bytes(b"")
        send(instance_ready, [mark, *map(frame, range(3))])
        chain.start("data")
        sink = chain.start("deliver")
        until(lambda: sum(chain.ends(WAVEFORMS).values()) == 1, "the begin of the condition", 120)
        until(lambda: bool(connection.execute("select 1 from plant.measurement").fetchall()), "rows beside", 60)
        until(lambda: "Not a directory" in sink.text(), "the sink says what is away", 60)
        assert connection.execute(STORED.encode()).fetchall() == []
        sink.kill()
        in_the_way.unlink()
        until(lambda: bool(connection.execute(STORED.encode()).fetchall()), "the waveform", 60)
        ((asset, sensor, kind, samples, address),) = connection.execute(STORED.encode()).fetchall()
        assert (asset, sensor, kind, samples) == ("P1", "P1.vib", "limit_high", 4096)
        assert [path.as_uri() for path in in_the_way.rglob("*.npz")] == [address]
        assert np.load(address.removeprefix("file://"))["values"].size == samples
