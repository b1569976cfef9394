"""The generated rig."""

import numpy as np

from models.generated import rig


def test_equal_seeds_give_equal_recordings() -> None:
    one, two = rig.recordings(3, 4), rig.recordings(3, 4)
    assert np.array_equal(one.matrix(), two.matrix())
    assert not np.array_equal(one.matrix(), rig.recordings(4, 4).matrix())


def test_the_first_rows_are_healthy_and_later_ones_hold_a_fault() -> None:
    table = rig.recordings(0, 10)
    for _, part in table.each():
        fault = part.targets["fault"]
        assert not fault[: rig.HEALTHY].any()
        assert 0.1 < fault.mean() < 0.5
    assert np.isfinite(table.matrix()).all()
