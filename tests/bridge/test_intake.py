from pathlib import Path
from threading import Event, Thread

from bridge.intake import Intake
from bridge.reading import Record
from bridge.spool import Spool
from telemetry.health import Health
from tests.bridge.building import until

ENTRY = Record(b"k", b"v" * 80)


class Source:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")


def test_a_message_is_done_only_when_it_is_on_disk_and_a_full_spool_pauses_the_source(tmp_path: Path) -> None:
    spool, source, health, stop = Spool(tmp_path, bytes_max=300), Source(), Health(), Event()
    intake = Intake(spool, source, health, stop)
    done: list[int] = []
    thread = Thread(target=intake.run)
    thread.start()
    intake.put([ENTRY, ENTRY, ENTRY], lambda: done.append(spool.waiting))
    until(lambda: done == [3])
    intake.put([ENTRY], lambda: done.append(spool.waiting))
    until(lambda: source.calls == ["pause"])
    assert not health.snapshot()["spool"]["ok"]
    assert done == [3]
    spool.commit(spool.read(2))
    spool.commit(spool.read(2))
    until(lambda: source.calls == ["pause", "resume"])
    until(lambda: done == [3, 1])
    assert health.snapshot()["spool"]["ok"]
    stop.set()
    thread.join()
    spool.close()


def test_after_the_stop_a_message_without_room_stays_with_its_source(tmp_path: Path) -> None:
    spool, source, stop = Spool(tmp_path, bytes_max=50), Source(), Event()
    intake = Intake(spool, source, Health(), stop)
    done: list[int] = []
    thread = Thread(target=intake.run)
    thread.start()
    intake.put([ENTRY], lambda: done.append(1))
    until(lambda: source.calls == ["pause"])
    stop.set()
    thread.join()
    intake.put([ENTRY], lambda: done.append(2))
    assert done == []
    spool.close()
