"""What counts against a record: only what happens while it is applied, never brokers that are away."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from faust.types import TP

from settings import Settings
from streams.agents import of_plane
from streams.faults import Faults
from streams.keeper import Keeper
from streams.transport.outputs import Output, Outputs, Undelivered
from streams.transport.span import Span
from streams.wrapper import Holding, Wrapper
from tests.streams.building import at

PART = TP("readings.raw.v1", 0)


class Away:
    """Outputs whose brokers are away."""

    async def send(self, _epoch: object, _output: object) -> None:
        raise Undelivered("no broker")


class Refusing:
    """A producer that takes no record, for the reason `code`."""

    def __init__(self, code: int) -> None:
        self._code = code

    def produce(self, *_: Any, **__: Any) -> None:
        raise KafkaException(KafkaError(self._code))


class Echo:
    """Work that gives one output per stretch."""

    kernel = "echo"

    def apply(self, _taken: Any) -> list[Any]:
        return [Output("scored", b"")]

    def settle(self) -> list[Any]:
        return []

    def pack(self) -> bytes:
        return b""


def holding() -> Holding:
    place: Any = SimpleNamespace(topic_id="id")
    changelog: Any = None
    work: Any = Echo()
    return Holding(of_plane("data")[0], PART, place, work, changelog, 0, snapped=0, head={}, moved_at=0.0)


def wrapper(faults: Faults, outputs: Any = None) -> Wrapper:
    tools: Any = SimpleNamespace(settings=Settings(), outputs=outputs or Away(), brokers=None, faults=faults)
    app: Any = SimpleNamespace(consumer_generation_id=1)
    return Wrapper(tools, app, of_plane("data"))


def test_brokers_that_are_away_do_not_count_against_the_record(tmp_path: Path) -> None:
    faults = Faults(tmp_path / "faults.json", [PART.topic])
    tested, held = wrapper(faults), holding()
    tested.holdings[held.agent.name, PART] = held
    with pytest.raises(Undelivered):
        asyncio.run(tested.take(held.agent, PART, Span(at([0]), 0, 1), 1))
    assert not (tmp_path / "faults.json").exists()
    Faults(tmp_path / "faults.json", [PART.topic])
    assert not (tmp_path / "faults.json").exists(), "a process that dies while it waits for brokers is no witness, either"


@pytest.mark.parametrize(
    ("code", "raised", "counted"),
    [
        (KafkaError._FATAL, Undelivered, False),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Undelivered, False),
        (KafkaError._UNKNOWN_PARTITION, Undelivered, False),
        (KafkaError.MSG_SIZE_TOO_LARGE, KafkaException, True),
    ],
)
def test_only_a_record_that_is_too_large_is_to_blame(tmp_path: Path, *, code: int, raised: type[Exception], counted: bool) -> None:
    outputs = Outputs({}, namespace="", record_bytes_max=1000, producer=Refusing(code))
    tested, held = wrapper(Faults(tmp_path / "faults.json", [PART.topic]), outputs), holding()
    tested.holdings[held.agent.name, PART] = held
    with pytest.raises(raised):
        asyncio.run(tested.take(held.agent, PART, Span(at([0]), 0, 1), 1))
    assert (tmp_path / "faults.json").exists() is counted


def test_no_snapshot_is_taken_while_outputs_are_owed(tmp_path: Path) -> None:
    faults = Faults(tmp_path / "faults.json", [PART.topic])
    tested, held = wrapper(faults), holding()
    held.position, held.owes = 1, True
    tools: Any = SimpleNamespace(settings=Settings(), outputs=Away(), brokers=None, faults=faults)
    with pytest.raises(Undelivered, match="interrupted"):
        asyncio.run(Keeper(tools, tested).save([held]))
