import threading

import pytest

from models.runner import OverdueError, Runner


def test_results_and_errors_come_back() -> None:
    runner = Runner()
    assert runner.run(lambda: 3, 10) == 3
    with pytest.raises(ZeroDivisionError):
        runner.run(lambda: 1 / 0, 10)
    with pytest.raises(TimeoutError, match="its own") as found:
        runner.run(lambda: (_ for _ in ()).throw(TimeoutError("its own")), 10)
    assert not isinstance(found.value, OverdueError)
    runner.close()


def test_a_call_that_hangs_holds_nobody() -> None:
    runner, hangs = Runner(), threading.Event()
    with pytest.raises(OverdueError, match="longer than 20 ms"):
        runner.run(hangs.wait, 0.02)
    assert runner.run(lambda: 4, 10) == 4
    hangs.set()
    runner.close()
