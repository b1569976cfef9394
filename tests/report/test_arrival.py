from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.arrival import out_of_order, repeated, reported, shared_gaps, silent, spacing
from report.examine import examine
from report.series import SECOND_US, Series, ordered
from tests.report.building import BEGIN_US, noise, series

ROWS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([1.0, 2.0, float("nan")])), max_size=40)


def made(rows: list[tuple[int, float]]) -> Series:
    ts = np.array([BEGIN_US + at * SECOND_US for at, _ in rows], np.int64)
    return series(np.array([value for _, value in rows], np.float64), ts=ts)


@given(ROWS)
def test_repeats_are_counted_as_a_person_would(rows: list[tuple[int, float]]) -> None:
    texts = [(at, str(value)) for at, value in rows]
    duplicates = len(texts) - len(set(texts))
    conflicting = len(set(texts)) - len({at for at, _ in texts})
    assert repeated(made(rows)) == (duplicates, conflicting)


@given(ROWS)
def test_out_of_order_is_counted_as_a_person_would(rows: list[tuple[int, float]]) -> None:
    late = sum(any(earlier > at for earlier, _ in rows[:place]) for place, (at, _) in enumerate(rows))
    assert out_of_order(made(rows).ts) == late


@settings(deadline=None)  # the first example loads what examines
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=60, unique=True), st.data())
def test_shuffled_and_doubled_rows_count_exactly_those(values: list[float], data: st.DataObject) -> None:
    plain = series(values)
    doubled = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=20))
    order = data.draw(st.permutations([*range(len(values)), *doubled]))
    mixed = replace(plain, ts=plain.ts[order], value=plain.value[order])
    [before], [after] = examine([plain]).sensors, examine([mixed]).sensors
    assert after.duplicates == len(doubled)
    late = out_of_order(mixed.ts)
    assert after == replace(before, readings=len(order), duplicates=len(doubled), out_of_order=late)
    assert before.duplicates == before.out_of_order == 0


@given(st.integers(2, 200), st.data())
def test_pairs_that_change_places_are_each_counted_once(count: int, data: st.DataObject) -> None:
    pairs = data.draw(st.sets(st.integers(0, count // 2 - 1)))
    order = np.arange(count)
    for pair in pairs:
        order[[2 * pair, 2 * pair + 1]] = order[[2 * pair + 1, 2 * pair]]
    assert out_of_order(BEGIN_US + order) == len(pairs)


def test_a_gap_begins_after_three_periods() -> None:
    rows = series(noise(5, 1, 200))
    for missing, gaps in ((2, 0), (3, 1), (50, 1)):
        kept = np.r_[0:100, 100 + missing : 200]
        found = spacing(replace(rows, ts=rows.ts[kept], value=rows.value[kept]))
        assert len(found.starts) == gaps
        assert found.longest_s == (missing + 1) * 60 * gaps
    assert found.share == pytest.approx(51 / 199)


def test_by_exception_is_told_from_a_ragged_clock() -> None:
    random = np.random.default_rng(2)
    ts = BEGIN_US + np.cumsum(random.exponential(60, 400) * SECOND_US).astype(np.int64)
    changing = series(noise(5, 1, 400), ts=ts)
    assert spacing(changing).reporting == "by_exception"
    assert spacing(series(np.round(noise(5, 1, 400)), ts=ts)).reporting == "unknown"
    assert spacing(series(noise(5, 1, 400))).reporting == "periodic"
    assert [item.kind for item in reported(changing, spacing(changing))] == ["by_exception"]
    assert not reported(replace(changing, reporting="by_exception"), spacing(changing))


def test_a_gap_of_the_whole_asset_is_told_once() -> None:
    kept = np.r_[0:100, 220:400]
    parts = []
    for name in ("P1.flow", "P1.speed"):
        whole = series(noise(5, 1, 400), sensor=name)
        parts.append(replace(whole, ts=whole.ts[kept], value=whole.value[kept]))
    found = [(ordered(part), spacing(part)) for part in parts]
    [gap] = shared_gaps(found)
    assert gap == (int(parts[0].ts[99]), int(parts[0].ts[100]))
    assert not silent(parts[0], found[0][1], [gap])
    assert [item.count for item in silent(parts[0], found[0][1], [])] == [1]


def test_nothing_is_said_of_nothing() -> None:
    empty = series([])
    report = examine([empty])
    assert [item.kind for item in report.findings] == ["unit"]
    assert (report.sensors[0].readings, report.sensors[0].first_us, report.sensors[0].good) == (0, None, 0.0)


def test_a_sensor_that_is_said_to_report_by_exception_is_judged_so() -> None:
    values, kept = noise(5, 1, 400), np.r_[0:100, 110:300, 320:400]
    plain = series(values)
    changing = replace(plain, ts=plain.ts[kept], value=plain.value[kept])
    assert [item.sure for item in silent(changing, spacing(changing), [])] == ["certain"], "its readings alone look periodic"
    stated = replace(changing, reporting="by_exception", period_s=900.0)
    assert spacing(stated).gap_min_s == 2700
    assert silent(stated, spacing(stated), []) == []
    bare = replace(stated, period_s=None)
    [finding] = silent(bare, spacing(bare), [])
    assert (finding.sure, finding.count) == ("possible", 2)
    assert "reports by exception" in finding.what
    assert "period_s" in finding.remedy
