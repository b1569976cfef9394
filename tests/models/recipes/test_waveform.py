"""Bearing damage from generated waveforms."""

import numpy as np

from models.generated import waveform as generated
from models.recipes import waveform
from processors.bearing import INNER, OUTER


def test_frames_repeat_and_share_the_damages() -> None:
    made, again = generated.frames(1, 6, 2), generated.frames(1, 6, 2)
    assert all(np.array_equal(one.values, two.values) for one, two in zip(made, again, strict=True))
    assert [frame.damage for frame in made[::2]] == ["healthy", OUTER, INNER] * 2


def test_the_line_of_the_damaged_part_stands_out() -> None:
    made = generated.frames(2, 9, 6)[5::6]
    rows = waveform.features(made)
    outer, inner = waveform.INPUTS.index("outer_1"), waveform.INPUTS.index("inner_1")
    for frame, row in zip(made, rows, strict=True):
        if frame.damage == OUTER:
            assert row[outer] > row[inner]
    assert np.isfinite(rows).all()


def test_machines_to_judge_were_not_learnt_from() -> None:
    assert waveform.JUDGED_FROM > 10_000
