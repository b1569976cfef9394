"""Figures of a small plant, computed by hand.

Two pumps over 60 days, lead 1 to 30 days. P1: readings all the time; P2: only in the first 30 days.
P1 fails on day 20 and day 50, P2 on day 15, on day 59 (no reading for 29 days) and P3, which nobody measures, on day 40.
Raises: P1 on day 5 (15 days ahead: hit), day 8 (a second one for it), day 49.5 (half a day ahead: late), day 55 (false);
P2 on day 29 (30 days before day 59: hit with the longest lead).
"""

import pytest

from report.backtest import MONTH_US, Failure, Observed, Raise, always, chance, false, judge, score
from report.orders import OrdersError, places
from report.series import DAY_US, HOUR_US

LEAD = (DAY_US, 30 * DAY_US)
OBSERVED = Observed(0, 60 * DAY_US, {"P1": range(0, 60 * DAY_US, HOUR_US), "P2": range(0, 30 * DAY_US, HOUR_US)})


def day(number: float) -> int:
    return round(number * DAY_US)


FAILURES = [
    Failure("P1", day(20), "bearing"),
    Failure("P1", day(50), "seal"),
    Failure("P2", day(15), "bearing"),
    Failure("P2", day(59), "bearing"),
    Failure("P3", day(40), "seal"),
]
RAISES = [Raise("P1", day(at)) for at in (5, 8, 49.5, 55)] + [Raise("P2", day(29))]
JUDGED = judge(RAISES, FAILURES, OBSERVED, LEAD)


def test_what_became_of_each_failure() -> None:
    assert [one.outcome for one in JUDGED] == ["hit", "late", "missed", "hit", "no_data"]
    assert [one.lead_us and one.lead_us / DAY_US for one in JUDGED] == [15, 0.5, None, 30, None]
    assert [len(one.raises) for one in JUDGED] == [2, 1, 0, 1, 0]
    assert false(RAISES, JUDGED) == [RAISES[3]]


def test_the_figures_of_the_rules() -> None:
    found = score("rules", RAISES, JUDGED, OBSERVED)
    assert (found.raises, found.hits, found.late, found.missed, found.no_data, found.false) == (5, 2, 1, 1, 1, 1)
    assert found.recall == 2 / 4
    assert found.precision == 4 / 5
    assert found.lead_days == pytest.approx((16.5, 22.5, 28.5))
    assert found.false_per_month == pytest.approx(30.4375 / 60)
    assert found.false_per_machine_month == pytest.approx(30.4375 / 90)


def test_the_trivial_baselines() -> None:
    constant = always(OBSERVED, LEAD)
    step = 29 * DAY_US - HOUR_US
    assert [(item.asset, item.at_us) for item in constant] == [("P1", 0), ("P1", step), ("P1", 2 * step), ("P2", 0), ("P2", step)]
    judged = judge(constant, FAILURES, OBSERVED, LEAD)
    found = score("always", constant, judged, OBSERVED)
    assert (found.hits, found.no_data) == (3, 1)  # of P2's last failure the window begins on day 29, an hour after the raise
    never = score("never", (), judge((), FAILURES, OBSERVED, LEAD), OBSERVED)
    assert (never.hits, never.false, never.recall, never.precision, never.no_data) == (0, 0, 0.0, None, 1)


def test_chance_is_what_as_many_raises_would_hit() -> None:
    found = chance(RAISES, JUDGED, OBSERVED, LEAD)
    days = (19, 29, 14, 1)  # of each failure's window that hold readings: the first one is cut by the begin of the period
    assert found.hits == pytest.approx(sum(1 - (1 - each / 90) ** 5 for each in days))
    assert found.precision == pytest.approx((50 + 15 + 1) / 90)  # the windows of P1 overlap: 50 days, not 20 + 30
    assert found.false == pytest.approx(5 * 24 / 90)
    assert chance((), JUDGED, OBSERVED, LEAD).hits == 0


def test_chance_is_the_mean_over_raises_at_all_moments() -> None:
    """One raise in the middle of each hour with readings, one after another, judged like those of the rules."""
    hits = wrong = count = 0
    for asset, hours in OBSERVED.hours.items():
        for hour in hours:
            one = [Raise(asset, hour + HOUR_US // 2)]
            judged = judge(one, FAILURES, OBSERVED, LEAD)
            hits += sum(each.outcome == "hit" for each in judged)
            wrong += len(false(one, judged))
            count += 1
    found = chance(RAISES[:1], JUDGED, OBSERVED, LEAD)
    assert (found.hits, found.false) == pytest.approx((hits / count, wrong / count))


def test_chance_cannot_hit_more_than_the_time_that_was_judged() -> None:
    """A stranger's case: 90 days of lead, a failure 20 days after the begin, 60 days of one machine."""
    observed = Observed(0, 60 * DAY_US, {"P1": range(0, 60 * DAY_US, HOUR_US)})
    judged = judge(one := [Raise("P1", day(50))], [Failure("P1", day(20))], observed, (DAY_US, 90 * DAY_US))
    found = chance(one, judged, observed, (DAY_US, 90 * DAY_US))
    assert (found.recall, found.precision) == pytest.approx((19 / 60, 20 / 60))


def test_the_observed_time() -> None:
    assert OBSERVED.months == pytest.approx(60 * DAY_US / MONTH_US)
    assert OBSERVED.machine_months == pytest.approx(90 * DAY_US / MONTH_US)
    assert (OBSERVED.share("P2"), OBSERVED.share("P3")) == (0.5, 0.0)
    assert OBSERVED.within("P2", day(29.9), day(40))
    assert not OBSERVED.within("P2", day(30), day(40))


@pytest.mark.parametrize(
    ("header", "chosen", "expected"),
    [
        (["asset", "at", "mode"], {}, {"asset": 0, "at": 1, "mode": 2}),
        (["Order", "Equipment", "Malfunction Start"], {}, {"asset": 1, "at": 2}),
        (["date", "start", "machine"], {"at": "Start"}, {"asset": 2, "at": 1}),
    ],
)
def test_columns_are_found_by_their_usual_names(header: list[str], chosen: dict[str, str], expected: dict[str, int]) -> None:
    assert places(header, chosen) == expected


@pytest.mark.parametrize(
    ("header", "chosen", "told"),
    [
        (["foo", "at"], {}, "no column for asset"),
        (["asset", "date", "start"], {}, "columns date, start could all be the at; name one with --at-column"),
        (["asset", "at"], {"mode": "cause"}, "no column 'cause'; found: asset, at"),
    ],
)
def test_a_missing_or_doubtful_column_is_named(header: list[str], chosen: dict[str, str], told: str) -> None:
    with pytest.raises(OrdersError) as raised:
        places(header, chosen)
    assert told in str(raised.value)
