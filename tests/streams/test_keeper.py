"""A snapshot never goes past outputs that nobody has, whoever else saves the same partition."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from settings import Settings
from streams.agents import of_plane
from streams.keeper import Keeper
from streams.transport import outputs as module
from streams.transport.changelog import Changelog
from streams.transport.outputs import Output, Outputs
from streams.wrapper import Holding, Wrapper

PART = TP("readings.raw.v1", 0)
TURNS = 200  # of the event loop: far more than a save needs when nothing holds it back


class HeldBack:
    """A producer that acknowledges everything at once, but blocks only when `released`."""

    def __init__(self) -> None:
        self.released = False
        self.pending: list[tuple[str, Callable[[Any, Any], None]]] = []
        self.taken: list[str] = []

    def produce(self, topic: str, *_: Any, on_delivery: Callable[[Any, Any], None], **__: Any) -> None:
        self.taken.append(topic)
        self.pending.append((topic, on_delivery))

    def poll(self, _timeout: float) -> None:
        ready = [each for each in self.pending if self.released or each[0] != "block"]
        self.pending = [each for each in self.pending if each not in ready]
        for _, acknowledge in ready:
            acknowledge(None, None)


class Still:
    """Work that holds nothing back."""

    kernel = "still"

    def settle(self) -> list[Any]:
        return []

    def pack(self) -> bytes:
        return b"state"


class Bench:
    """A keeper and one holding that applied a record, whose block is not acknowledged yet."""

    def __init__(self) -> None:
        self.producer = HeldBack()
        self.outputs = Outputs({}, namespace="", record_bytes_max=1_000_000, producer=self.producer)
        faults = SimpleNamespace(forget=lambda *_: None)
        tools: Any = SimpleNamespace(settings=Settings(), outputs=self.outputs, brokers=None, faults=faults)
        app: Any = None
        wrapper = Wrapper(tools, app, of_plane("data"))
        self.keeper = Keeper(tools, wrapper)
        place: Any = SimpleNamespace(topic_id="id")
        work: Any = Still()
        changelog = Changelog(self.outputs, ("state", 0), set())
        self.held = Holding(of_plane("data")[0], PART, place, work, changelog, 1, snapped=0, head={"topic_id": "id", "kernel": "still"})
        wrapper.holdings[self.held.agent.name, PART] = self.held

    async def begin(self) -> "asyncio.Future[None]":
        """A save that waits for the acknowledgement."""
        await self.outputs.send(self.held.epoch, Output("block", b""))
        saving = asyncio.ensure_future(self.keeper.save([self.held]))
        await turns()
        return saving


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0)


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


def run(scene: Callable[[Bench], Awaitable[None]]) -> None:
    async def play() -> None:
        await scene(Bench())

    asyncio.run(play())


def test_a_second_save_waits_for_the_outputs_of_the_first() -> None:
    async def scene(bench: Bench) -> None:
        first = await bench.begin()
        bench.held.position = 2
        second = asyncio.ensure_future(bench.keeper.save([bench.held]))
        await turns()
        assert bench.producer.taken == ["block"], "a snapshot went past a block that is not acknowledged"
        bench.producer.released = True
        await asyncio.gather(first, second)
        assert (bench.held.snapped, bench.held.saveable) == (2, True)

    run(scene)


def test_what_another_save_has_saved_is_not_saved_again() -> None:
    async def scene(bench: Bench) -> None:
        first = await bench.begin()
        second = asyncio.ensure_future(bench.keeper.save([bench.held]))
        bench.producer.released = True
        await first
        sent = len(bench.producer.taken)
        await second
        assert (bench.held.snapped, len(bench.producer.taken)) == (1, sent)

    run(scene)


def test_no_snapshot_follows_a_save_that_was_cancelled_before_its_outputs_were_durable() -> None:
    async def scene(bench: Bench) -> None:
        first = await bench.begin()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        bench.held.position = 2
        await bench.keeper.save([bench.held])
        assert (bench.producer.taken, bench.held.snapped) == (["block"], 0)

    run(scene)


def test_a_save_that_is_cancelled_while_it_waits_for_another_spoils_nothing() -> None:
    async def scene(bench: Bench) -> None:
        first = await bench.begin()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.keeper.save([bench.held]), 0.01)
        bench.producer.released = True
        await first
        assert (bench.held.snapped, bench.held.saveable) == (1, True)

    run(scene)
