import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from streams.transport import outputs as module
from streams.transport.outputs import Epoch, Output, Outputs, Undelivered


class FakeProducer:
    """Acknowledges in the order of production, `acks` per poll; is full while `full` is above 0."""

    def __init__(self, *, acks: int = 1, full: int = 0, fail_at: int | None = None) -> None:
        self.acks, self.full, self.fail_at = acks, full, fail_at
        self.pending: list[Callable[[Any, Any], None]] = []
        self.taken: list[str] = []
        self.served = 0

    def produce(self, topic: str, *_: Any, on_delivery: Callable[[Any, Any], None], **__: Any) -> None:
        if self.full:
            self.full -= 1
            raise BufferError
        self.taken.append(topic)
        self.pending.append(on_delivery)

    def poll(self, _timeout: float) -> None:
        for _ in range(min(self.acks, len(self.pending))):
            error = "timed out" if self.served == self.fail_at else None
            self.served += 1
            self.pending.pop(0)(error, None)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0)
    monkeypatch.setattr(module, "FULL_S", 0)


def outputs(producer: FakeProducer) -> Outputs:
    return Outputs({}, namespace="ns.", record_bytes_max=1_000_000, producer=producer)


def test_an_epoch_waits_for_its_own_records_only() -> None:
    async def run() -> None:
        producer = FakeProducer(acks=0)
        out, first, second = outputs(producer), Epoch(), Epoch()
        await out.send(first, Output("t", b"1"))
        await out.send(second, Output("t", b"2"))
        producer.acks = 1
        await out.durable(first)
        assert (first.acked, second.acked) == (1, 0)
        await out.durable(second)
        assert second.acked == 1

    asyncio.run(run())


def test_a_failed_delivery_is_never_hidden_by_later_ones() -> None:
    async def run() -> None:
        out, epoch = outputs(FakeProducer(fail_at=1)), Epoch()
        for _ in range(5):
            await out.send(epoch, Output("t", b""))
        with pytest.raises(Undelivered, match="timed out"):
            await out.durable(epoch)

    asyncio.run(run())


def test_a_full_queue_makes_the_sender_wait_and_says_so() -> None:
    async def run() -> None:
        producer = FakeProducer(full=3)
        out, epoch = outputs(producer), Epoch()
        sending = asyncio.ensure_future(out.send(epoch, Output("t", b"")))
        await asyncio.sleep(0)
        assert out.waiting == 1
        await sending
        assert (out.waiting, epoch.sent, producer.taken) == (0, 1, ["ns.t"])

    asyncio.run(run())
