from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from cli import tail
from settings import load


class Moving:
    """A consumer whose partition finds its leader at the third question."""

    def __init__(self, code: int) -> None:
        self.asked, self.error = 0, KafkaError(code)

    def get_watermark_offsets(self, _place: TopicPartition, timeout: float) -> tuple[int, int]:
        assert timeout > 0
        self.asked += 1
        if self.asked < 3:
            raise KafkaException(self.error)
        return 4, 9


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "RETRY_S", 0.0)


def test_a_partition_that_has_no_leader_yet_is_asked_again() -> None:
    consumer: Any = Moving(KafkaError.NOT_LEADER_FOR_PARTITION)
    assert tail._bounds(consumer, "readings", 0) == (4, 9)
    assert consumer.asked == 3


def test_an_error_that_stays_is_told_at_once() -> None:
    consumer: Any = Moving(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    with pytest.raises(KafkaException):
        tail._bounds(consumer, "readings", 0)
    assert consumer.asked == 1


def test_absent_brokers_are_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(tail, "WAIT_S", 1.0)
    settings = load(home=tmp_path, kafka_bootstrap_servers="127.0.0.1:9")
    with pytest.raises(SystemExit, match=r"no broker answers \(127\.0\.0\.1:9: [^{]*\); start one with `maint up`"):
        tail.last(settings, "readings.raw.v1", 5)
    assert capfd.readouterr() == ("", ""), "the client's own log lines are no news"
