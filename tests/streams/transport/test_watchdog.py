from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException

from streams.transport.identity import Part
from streams.transport.watchdog import Judge, Limits, View

PART: Part = ("t", 0)


@dataclass
class Process:
    position: int = 10
    end: int = 20
    beat: float = 0.0
    rebalancing: bool = False
    waiting: bool = False

    def judge(self) -> Judge:
        return Judge(Limits(stall_s=25, loop_s=30, rebalance_s=60), lambda parts: dict.fromkeys(parts, self.end))

    def view(self) -> View:
        return View(lambda: {PART: self.position}, lambda: self.beat, lambda: self.rebalancing, lambda: self.waiting)


def looks(process: Process, seconds: int, judge: Judge | None = None) -> list[str]:
    judge = judge or process.judge()
    found = []
    for now in range(0, seconds, 2):
        process.beat = max(process.beat, now if process.beat >= 0 else -1)
        reason = judge.look(process.view(), float(now))
        found += [reason] if reason else []
    return found


def test_a_partition_that_stands_still_with_records_to_read_ends_the_process() -> None:
    assert "t[0] stands at 10" in looks(Process(), 40)[0]


def test_an_idle_partition_may_stand_still() -> None:
    assert looks(Process(position=20), 200) == []


def test_waiting_for_the_brokers_is_no_stall() -> None:
    assert looks(Process(waiting=True), 200) == []


def test_a_rebalance_has_its_own_limit() -> None:
    assert looks(Process(rebalancing=True), 60) == []
    assert "does not end" in looks(Process(rebalancing=True), 80)[0]


def test_brokers_that_do_not_answer_are_no_reason() -> None:
    def away(_parts: list[Part]) -> dict[Part, int]:
        raise KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))

    assert looks(Process(), 100, Judge(Limits(stall_s=25), away)) == []


def test_a_silent_event_loop_ends_the_process() -> None:
    judge, process = Process().judge(), Process(position=20)
    reasons = [judge.look(process.view(), float(now)) for now in range(0, 40, 2)]
    assert reasons[-1] == "event loop silent for 38 s"


def test_a_process_that_was_frozen_itself_starts_counting_again() -> None:
    judge, process = Process().judge(), Process()
    assert judge.look(process.view(), 0.0) is None
    assert judge.look(process.view(), 100.0) is None
