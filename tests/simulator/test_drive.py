import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.drive import Drive
from simulator.memory import Memory
from simulator.plant import Layout, Plant

LIVE = 1_700_000_000_000_000


@dataclass
class Clock:
    """A clock that moves on a little whenever somebody looks."""

    now: int = LIVE
    step: int = 250_000

    def __call__(self) -> int:
        self.now += self.step
        return self.now


class Impatient(threading.Event):
    """Waiting takes no time: the test's clock moves by itself."""

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        return self.is_set()


@dataclass
class Watching(Memory):
    """Notes the time at which each reading was sent."""

    clock: Clock = field(default_factory=Clock)
    times: list[int] = field(default_factory=list)

    def send(self, topic: str, values: Iterable[bytes], keys: Iterable[bytes]) -> None:
        before = len(self.records)
        super().send(topic, values, keys)
        self.times += [self.clock.now] * (len(self.records) - before)


def drive(outlet: Memory, clock: Clock) -> Drive:
    return Drive(Plant(Layout(assets=4, sensors=2), seed=1, live_us=LIVE), outlet, clock, Impatient())


def test_history_ends_where_live_begins_and_is_marked() -> None:
    outlet, clock = Memory(), Clock()
    drive(outlet, clock).history(hours=0.5, period_us=10_000_000)
    marks = outlet.decoded("Mark")
    assert [(key, mark["kind"], mark["subject"], mark["ts"]) for key, mark in marks] == [
        (name, "history", f"asset/{name}", LIVE) for name in ("pump-001", "motor-002", "fan-003", "gearbox-004")
    ]
    assert outlet.records[3][1] == b"gearbox-004"  # marks stand in front of all readings
    readings = outlet.decoded("Reading")
    assert len(readings) == 180 * 8
    assert min(record["ts"] for _, record in readings) == LIVE - 1_800_000_000
    assert max(record["ts"] for _, record in readings) < LIVE


def test_live_never_sends_a_reading_before_its_time() -> None:
    outlet = Watching()
    driven = drive(outlet, outlet.clock)
    driven.live(period_us=1_000_000, seconds=5)
    driven.finish(ended=True)
    readings = outlet.decoded("Reading")
    assert len(readings) == 5 * 8
    assert all(record["ts"] <= sent for (_, record), sent in zip(readings, outlet.times, strict=False))
    assert [mark["kind"] for _, mark in outlet.decoded("Mark")] == ["end"] * 4
    assert outlet.confirmed == len(outlet.records)


def test_stop_ends_the_live_part() -> None:
    outlet, clock = Memory(), Clock()
    driven = drive(outlet, clock)
    driven.stop.set()
    driven.live(period_us=1_000_000, seconds=None)
    assert not outlet.records
