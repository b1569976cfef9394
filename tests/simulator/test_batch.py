import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.batch import Batch, merged


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60))
def test_merging_loses_nothing_and_keeps_the_order_of_each_sensor(rows: list[tuple[int, int]]) -> None:
    sensor, ts = np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.int64)
    batch = Batch(sensor, ts, np.arange(len(rows), dtype=np.float64))
    result = merged(batch)
    assert sorted(result.value.tolist()) == batch.value.tolist()
    for one in range(4):
        assert result.value[result.sensor == one].tolist() == batch.value[batch.sensor == one].tolist()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60))
def test_clocks_that_run_forward_are_merged_in_order_of_time(rows: list[tuple[int, int]]) -> None:
    ordered = sorted(rows)
    batch = merged(Batch(np.array([s for s, _ in ordered], np.int64), np.array([t for _, t in ordered], np.int64), np.zeros(len(rows))))
    assert (np.diff(batch.ts) >= 0).all()
