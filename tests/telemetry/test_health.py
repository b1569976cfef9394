from threading import Thread

from prometheus_client import REGISTRY

from telemetry.health import Health


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_since_is_the_time_of_the_last_change() -> None:
    clock = Clock()
    health = Health(clock)
    health.set("database", True)
    clock.now = 1010.0
    health.set("database", False, "refused")
    clock.now = 1020.0
    health.set("database", False, "timed out")
    assert health.snapshot() == {
        "database": {"ok": False, "critical": True, "reason": "timed out", "since": "1970-01-01T00:16:50.000+00:00"}
    }


def test_ready_needs_every_critical_dependency() -> None:
    health = Health(Clock())
    assert health.ready().reason == "starting"
    health.set("kafka", True)
    health.set("registry", False, "away", critical=False)
    assert health.ready().ok
    health.set("kafka", False, "no broker answers")
    assert health.ready().reason == "kafka: no broker answers"
    assert health.live().ok


def test_live_is_lost_when_the_main_loop_is_silent() -> None:
    clock = Clock()
    health = Health(clock, beat_s_max=60)
    clock.now += 1000
    assert health.live().ok  # a process that never beats is not judged by it
    health.beat()
    clock.now += 60
    assert health.live().ok
    clock.now += 1
    assert health.live().reason == "the main loop has been silent for 61 s"
    health.beat()
    assert health.live().ok


def test_drop_forgets_the_dependency_and_its_gauge() -> None:
    health = Health(Clock())
    health.set("raw/3", False, "recreated")
    assert REGISTRY.get_sample_value("maint_healthy", {"dependency": "raw/3"}) == 0.0
    health.drop("raw/3")
    health.drop("raw/3")
    assert health.snapshot() == {}
    assert REGISTRY.get_sample_value("maint_healthy", {"dependency": "raw/3"}) is None


def test_snapshot_is_a_copy() -> None:
    health = Health(Clock())
    health.set("kafka", True)
    taken = health.snapshot()
    taken["kafka"]["ok"] = False
    assert health.snapshot()["kafka"]["ok"]


def test_threads_can_write_while_others_read() -> None:
    health = Health()

    def write(name: str) -> None:
        for turn in range(300):
            health.set(name, turn % 2 == 0)

    threads = [Thread(target=write, args=(f"p{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        health.snapshot()
    for thread in threads:
        thread.join()
    assert len(health.snapshot()) == 4
