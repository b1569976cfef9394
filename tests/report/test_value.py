import numpy as np

from report.finding import Finding
from report.series import Series
from report.value import runs, unusable
from report.value import stuck as judged
from tests.report.building import noise, series


def stuck(rows: Series, *others: Series) -> list[Finding]:
    return judged(rows, runs(rows), [runs(other) for other in others])


def test_what_is_no_value_is_counted_with_its_first_time() -> None:
    values = noise(5, 1, 100)
    values[[10, 20]] = np.nan
    values[[30, 31, 32]] = -9999
    values[40] = 12.0
    rows = series(values, low=0.0, high=10.0)
    found = [(item.kind, item.count, item.since_us) for item in unusable(rows)]
    assert found == [("invalid", 2, rows.ts[10]), ("invalid", 3, rows.ts[30]), ("out_of_range", 1, rows.ts[40])]


def test_a_mark_of_a_missing_value_may_be_a_value() -> None:
    assert unusable(series(noise(9999, 5, 100))) == []
    assert unusable(series([9990.0, 9999.0, 10_010.0])) == []


def test_a_stuck_stretch_is_named_and_coarse_steps_are_not() -> None:
    values = noise(5, 1, 1000)
    values[300:420] = values[300]
    rows = series(values)
    [finding] = stuck(rows)
    assert (finding.since_us, finding.until_us, finding.count, finding.sure) == (rows.ts[300], rows.ts[419], 120, "likely")
    coarse = np.repeat(np.round(noise(50, 3, 40)), 25)
    assert stuck(series(coarse)) == []
    assert stuck(series(noise(5, 1, 1000))) == []


def test_a_zero_may_be_rest_and_a_constant_is_stuck_all_the_time() -> None:
    values = noise(5, 1, 1000)
    values[300:420] = 0.0
    assert [item.sure for item in stuck(series(values))] == ["possible"]
    assert "all the time" in stuck(series(np.full(200, 7.0)))[0].what


def test_where_another_sensor_holds_zero_the_machine_rests() -> None:
    vibration, current = noise(5, 1, 1000), noise(80, 1, 1000, seed=2)
    vibration[300:420], current[300:420] = 0.05, 0.0
    assert stuck(series(vibration), series(current)) == []
    assert stuck(series(current), series(vibration, sensor="P1.vibration")) != []
    current[360:420] = noise(80, 1, 60)
    assert stuck(series(vibration), series(current)) != []
    assert stuck(series([])) == []
