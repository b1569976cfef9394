"""What `maint exam` prints of an exam, without sitting one."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from cli import exam
from simulator.exam.brier import reliability, scores
from simulator.exam.chance import HINDSIGHT, LOG, Cases
from tests.simulator.exam import test_brier

RUN = {"leak": 0.5, "variant": "A", "seed": 1, "looks": 0, "readings": 10, "baselines": 1, "refused": 0, "seconds": 1.0, "cpu_s": 1.0}
REST: dict[str, Any] = {name: [] for name in exam.TITLES.values()}
REST |= {"run": RUN, "grades": {}, "sensor_faults": {}, "recall_possible": 0.5, "failures": 4, "machine_years": 3.0}


def cases(told: bool) -> Cases:  # noqa: FBT001  what it is about
    made = test_brier.cases(test_brier.TRUE)
    base = made.failed.mean()
    said = {**made.said, LOG: np.full(len(made.failed), base * 1.001), HINDSIGHT: np.full(len(made.failed), base * 0.3)}
    return dataclasses.replace(made, said=said, told=np.full(len(made.failed), told))


def page(capsys: pytest.CaptureFixture[str], *, told: bool) -> str:
    exam._show(REST | exam._chances([cases(told)]))
    return capsys.readouterr().out


def test_what_the_condition_adds_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(capsys, told=True)
    (line,) = [line for line in shown.splitlines() if LOG in line]
    assert [cell.strip() for cell in line.split("│")[1:5]] == ["30", LOG, "1000", "1000"]
    assert [cell.strip() for cell in line.split("│")[8:10]] == ["0", "0 .. 0"], "a skill of less than a thousandth is none"
    assert "3 moments within 30 days" in shown
    assert max(len(line) for line in shown.splitlines() if line[:1] in "┏┃│└") <= 120


def test_of_what_was_never_stated_there_is_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(capsys, told=False)
    assert "no probability of a failure was stated" in shown
    assert "skill" not in shown
    assert "moments" not in shown


def test_the_document_holds_all_digits() -> None:
    made = exam._chances([cases(told=True)])
    assert made["probabilities"] == scores([cases(told=True)])
    assert made["reliability"] == reliability([cases(told=True)])
    assert len(str(made["probabilities"][0]["skill"])) > 10
