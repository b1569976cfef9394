import json
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner, Result

from cli.main import app
from schemas.codec import encode
from schemas.identifiers import partition_of
from settings import Settings
from streams.marks import tick


def reading(ts: int) -> bytes:
    return encode("Reading", {"sensor_id": "P1.vib", "ts": ts, "value": 1.5})


def now_us() -> int:
    return time.time_ns() // 1000


def run(home: Path, *arguments: str, value: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["check", *arguments], input=value, env={"MAINT_HOME": str(home)})


def test_a_good_value(tmp_path: Path) -> None:
    path = tmp_path / "value.bin"
    path.write_bytes(reading(now_us()))
    result = run(tmp_path, str(path), "--key", "pump-7", "--partition", str(partition_of(b"pump-7", 24)))
    assert result.exit_code == 0
    assert result.output == "1 accepted, 0 doubtful, 0 refused\n"


def test_a_refused_value_on_standard_input(tmp_path: Path) -> None:
    result = run(tmp_path, "-", "--json", value=b'{"sensor_id": "P1.vib"}')
    assert result.exit_code == 1
    (document,) = json.loads(result.output)
    assert document["outcome"] == "refused"
    assert document["findings"][0]["reason"] == "undecodable"


def test_a_remedy_is_never_cut_off(tmp_path: Path) -> None:
    result = run(tmp_path, "-", "--key", "pump-7", "--partition", "23", value=reading(now_us()))
    assert "  remedy: set partitioner=murmur2_random" in result.output


@pytest.mark.parametrize(("arguments", "word"), [([], "--topic"), (["no-such-file"], "No such file")])
def test_what_is_missing_is_said(tmp_path: Path, arguments: list[str], word: str) -> None:
    result = run(tmp_path, *arguments)
    assert result.exit_code != 0
    assert word in str(result.exception)


@pytest.mark.integration
def test_the_newest_of_a_topic(instance_ready: Settings) -> None:
    topic = instance_ready.topic("readings.raw.v1")
    producer = Producer({**instance_ready.kafka, "partitioner": "murmur2_random"})
    for value, key in ((reading(now_us()), "pump-7"), (reading(now_us() // 1000), "pump-7"), (b"{}", None)):
        producer.produce(topic, value, key)
    for second in range(50):  # our own marks are no answer
        for partition in range(instance_ready.partitions):
            producer.produce(topic, tick(second), partition=partition)
    assert producer.flush(30) == 0
    result = run(instance_ready.home, "--topic", "readings.raw.v1", "--last", "3", "--json")
    documents = json.loads(result.output)
    outcomes = sorted(document["outcome"] for document in documents)
    assert outcomes == ["accepted", "refused", "refused"]
    reasons = {finding["reason"] for document in documents for finding in document["findings"]}
    assert reasons == {"bad_timestamp", "undecodable", "wrong_key"}
    assert len(json.loads(run(instance_ready.home, "--topic", topic, "--last", "1", "--json").output)) == 1
