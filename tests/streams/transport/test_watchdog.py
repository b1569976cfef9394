from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException

from streams.transport.identity import Part
from streams.transport.watchdog import Judge, Limits, Starved, View

PART: Part = ("t", 0)


@dataclass
class Process:
    position: int = 10
    end: int = 20
    beat: float = 0.0
    rebalancing: bool = False
    waiting: bool = False

    def judge(self, starved: Callable[[], float] = lambda: 0.0) -> Judge:
        return Judge(Limits(stall_s=25, loop_s=30, rebalance_s=60), lambda parts: dict.fromkeys(parts, self.end), starved)

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

    assert looks(Process(), 100, Judge(Limits(stall_s=25), away, lambda: 0.0)) == []


def test_a_silent_event_loop_ends_the_process() -> None:
    judge, process = Process().judge(), Process(position=20)
    reasons = [judge.look(process.view(), float(now)) for now in range(0, 40, 2)]
    assert reasons[-1] == "event loop silent for 38 s"


def test_a_process_that_was_frozen_itself_starts_counting_again() -> None:
    judge, process = Process().judge(), Process()
    assert judge.look(process.view(), 0.0) is None
    assert judge.look(process.view(), 100.0) is None


def test_time_in_which_others_had_the_processors_is_not_the_fault_of_the_process() -> None:
    waited = iter(range(0, 1000, 1))  # of each two seconds between looks one
    judge, process = Process().judge(lambda: float(next(waited))), Process()
    assert looks(process, 50, judge) == []
    assert "t[0] stands at 10" in looks(Process(), 56, Process().judge(lambda: 0.0))[0]
    waited = iter(range(0, 1000, 1))
    assert "t[0] stands at 10" in looks(Process(), 60, Process().judge(lambda: float(next(waited))))[0]


def test_an_event_loop_that_gets_no_processor_is_not_silent() -> None:
    waited = iter(range(0, 1000, 2))
    judge, process = Process().judge(lambda: float(next(waited))), Process(position=20)
    assert [judge.look(process.view(), float(now)) for now in range(0, 200, 2)] == [None] * 100


def test_the_wait_for_a_processor_is_that_of_the_thread_that_waited_longest(tmp_path: Path) -> None:
    def told(**waited_ns: int) -> None:
        for task, ns in waited_ns.items():
            (tmp_path / task).mkdir(exist_ok=True)
            (tmp_path / task / "schedstat").write_text(f"7 {ns} 3\n", encoding="ascii")

    starved = Starved(tmp_path)
    told(a=5_000_000_000, b=1_000_000_000)
    assert starved() == 0.0  # what was before the first reading does not count
    told(a=6_000_000_000, b=3_500_000_000)
    assert starved() == 2.5
    (tmp_path / "b" / "schedstat").unlink()  # a thread that ends takes nothing back, one that begins brings nothing
    told(a=6_500_000_000, c=9_000_000_000)
    assert starved() == 3.0


def test_a_system_that_does_not_count_waiting_lets_all_time_count(tmp_path: Path) -> None:
    assert Starved(tmp_path / "none")() == 0.0
    assert 0.0 <= Starved()() < 60.0
