"""Start-ups are held against earlier ones: an unusual one is an episode until the machine starts again."""

from typing import Any

import numpy as np
import pytest

from tests.processors.partition import QUICK, SECOND, Log, feed, fresh, outcome
from tests.processors.test_mode import RULE, described, run

RNG = np.random.default_rng(17)
REST_S, RUN_S = 40, 60


def starts(log: Log, peaks: Any, level: float = 5.0) -> Log:
    """Rest, then a run whose first seconds show a peak; the asset settles for 30 s."""
    for peak in peaks:
        values = np.repeat([0.0, peak, level], [REST_S, 8, RUN_S - 8]) + RNG.normal(0, 0.05, REST_S + RUN_S)
        run(log, [*np.full(REST_S, 0.0), *np.full(RUN_S, 500.0)], values)
    return log


def told(log: Log) -> list[dict[str, Any]]:
    return [record for record in outcome(log).evidence if record["detector"] == "level1/start"]


def usual(count: int) -> Any:
    return 10.0 + RNG.normal(0, 0.3, count)


def test_a_start_unlike_the_others_is_told_until_the_next() -> None:
    log = starts(described(Log(), run_state=RULE), [*usual(12), 20.0, *usual(2)])
    on, off = told(log)
    assert (on["phase"], on["kind"], on["subject"], on["severity"], on["mode"]) == ("on", "pattern", "machine", 2, "running")
    assert on["surprise"] >= on["threshold"] > 3.0
    assert on["expected"] == pytest.approx(10.0, abs=0.5)
    assert off["phase"] == "off"
    assert REST_S + RUN_S - 10 <= (off["ts"] - on["since"]) / SECOND <= REST_S + RUN_S + 10


def test_usual_starts_and_few_starts_say_nothing() -> None:
    assert not told(starts(described(Log(), run_state=RULE), usual(30)))
    assert not told(starts(described(Log(), run_state=RULE), [*usual(5), 20.0]))


def test_a_new_way_to_start_becomes_usual() -> None:
    found = told(starts(described(Log(), run_state=RULE), [*usual(12), *(usual(60) + 4.0)]))
    assert found[0]["phase"] == "on"
    assert found[-1]["phase"] == "off"


def test_any_cutting_gives_the_same_and_a_reset_begins_anew() -> None:
    log = starts(described(Log(), run_state=RULE), [*usual(11), 25.0])
    whole, cut = fresh(QUICK), fresh(QUICK)
    first = feed(whole, log).evidence
    parts = [feed(cut, log, begin, min(begin + 97, len(log.values))).evidence for begin in range(0, len(log.values), 97)]
    assert [record for part in parts for record in part] == first
    assert whole.pack() == cut.pack()
    found = feed(whole, Log(now=log.now).mark("reset", 7, subject="sensor/A.temp")).evidence
    assert [(record["detector"], record["phase"]) for record in found] == [("level1/start", "off")]
