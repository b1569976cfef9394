"""One pump's readings through all stages by plain calls: no Kafka, no database. Read it from top to bottom.

gateway: encode → acquisition: decode, validate, score, window → block → sink: rows
                                             └▶ evidence → detection → an episode
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas import codec
from schemas.identifiers import partition_of
from settings import Settings
from sinks import block
from streams.agents import detection
from streams.agents.acquisition import AcquisitionWork
from streams.topics import ANOMALIES, EVIDENCE, FEATURES, RAW, SCORED
from streams.transport.records import Records
from streams.work import Output, Place, Taken

PARTITIONS = 4
PUMP = b"P-101"
SENSOR = "P-101.bearing_temperature"
BEGIN_MS = 1_800_000_000_000
LEARNING_S, FAULT_S, CALM_S = 3600, 120, 900


@dataclass
class Message:
    """A record as the broker hands it out."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


def gateway(seed: int = 1) -> list[Message]:
    """A reading a second: an hour of calm, two minutes far too hot, calm again."""
    noise = np.random.default_rng(seed).normal(60.0, 0.5, LEARNING_S + FAULT_S + CALM_S)
    noise[LEARNING_S : LEARNING_S + FAULT_S] += 15.0
    return [message(second, value) for second, value in enumerate(noise.tolist())]


def message(second: int, celsius: float) -> Message:
    now_ms = BEGIN_MS + 1000 * second
    reading = {"sensor_id": SENSOR, "ts": now_ms * 1000 - 20_000, "value": celsius}
    return Message(second, now_ms, PUMP, codec.encode("Reading", reading))


def place(topic: str) -> Place:
    return Place(topic, "00000000-0000-0000-0000-000000000001", partition_of(PUMP, PARTITIONS), PARTITIONS)


def decoded(outputs: list[Output], topic: str) -> list[dict[str, Any]]:
    found = [codec.decode(output.value) for output in outputs if output.topic == topic]
    assert all(isinstance(each, codec.Decoded) for each in found)
    return [each.record for each in found if isinstance(each, codec.Decoded)]


def test_a_hot_bearing_becomes_one_episode() -> None:
    settings = Settings(partitions=PARTITIONS)

    # 1. the gateway publishes; every record stands in the partition of its asset
    messages = gateway()

    # 2. the data plane takes chunks of the partition and applies them to its state
    acquisition = AcquisitionWork(place(RAW), settings, None)
    outputs: list[Output] = []
    for start in range(0, len(messages), 500):
        chunk = messages[start : start + 500]
        outputs += acquisition.apply(Taken(Records.of(chunk), start, start + len(chunk), [], []))

    # 3. every record is a row of a block, with its score; the blocks tile the offsets
    blocks = [block.read(record) for record in decoded(outputs, SCORED)]
    assert [each.start for each in blocks[1:]] == [each.end for each in blocks[:-1]]
    scores = np.concatenate([each.columns["score"] for each in blocks])
    assert len(scores) == len(messages)
    assert np.nanmax(scores[LEARNING_S : LEARNING_S + FAULT_S]) > 7.5 > np.nanmax(scores[:LEARNING_S])

    # 4. windows of ten seconds, a minute and ten minutes describe the asset
    windows = [record["window_s"] for record in decoded(outputs, FEATURES)]
    assert windows.count(600) >= 6
    assert windows.count(10) > 6 * windows.count(60) - 60

    # 5. the data plane says when the condition began and ended; detection makes one episode of it
    stage = detection.begin(place(EVIDENCE), settings, None)
    evidence = [output for output in outputs if output.topic == EVIDENCE]
    events = [Message(offset, messages[-1].timestamp, PUMP, output.value) for offset, output in enumerate(evidence)]
    steps = decoded(stage.apply(Taken(Records.of(events), 0, len(events), [], [])), ANOMALIES)
    assert [step["phase"] for step in steps if step["phase"] != "update"] == ["open", "close"]
    episode = steps[-1]
    assert episode["asset_id"] == PUMP.decode()
    assert episode["contributions"][0]["sensor_id"] == SENSOR
    assert abs(episode["start"] / 1e6 - (BEGIN_MS / 1e3 + LEARNING_S)) < 10
