from dataclasses import replace

from report.pair import apart
from report.series import Series
from tests.report.building import noise, series


def pair(distance: float, *, unit: str = "degC", level: float = 61.0) -> list[Series]:
    first = series(noise(level, 0.4), sensor="P1.t1", unit=unit, redundant_with="P1.t2")
    return [first, series(noise(level + distance, 0.4, seed=2), sensor="P1.t2", unit=unit, redundant_with="P1.t1")]


def test_a_pair_that_is_apart_from_the_beginning_is_named_once_with_its_figure() -> None:
    [finding] = apart(pair(24.0))
    assert (finding.kind, finding.sensors, finding.sure) == ("apart", ("P1.t1", "P1.t2"), "likely")
    assert finding.what == "t2 shows 24 degC more than t1, which measures the same (85 and 61)"


def test_what_mounting_and_scatter_explain_is_not() -> None:
    assert apart(pair(3.0)) == apart(pair(-4.0)) == []
    assert apart(pair(4.0, unit="bar")) == []
    assert [item.what for item in apart(pair(-24.0, unit="bar"))] == ["t1 shows 24 bar more than t2, which measures the same (61 and 37)"]


def test_other_units_times_and_partners_are_not_compared() -> None:
    first, second = pair(24.0)
    assert apart([first, replace(second, unit="degF")]) == []
    assert apart([first, replace(second, ts=second.ts + 10**12)]) == []
    assert apart([replace(first, redundant_with="P2.t9"), replace(second, redundant_with="")]) == []
    assert apart([replace(first, redundant_with="P1.t1")]) == []
