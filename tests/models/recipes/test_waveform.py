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


def test_the_strongest_simple_tree_stands_on_the_card() -> None:
    truth = np.arange(12) % 3
    simple = {"poor": np.zeros(12, np.int64), "good": np.where(np.arange(12) == 0, 2, truth)}
    (figure,) = waveform._figures(truth, simple, truth, np.arange(12) // 3, 0)
    assert (figure.simple_name, figure.simple) == ("good", 11 / 12)
    assert (figure.value, figure.high) == (1.0, 1.0)
    assert 0.3 < figure.low < 0.5  # exact, of four machines that all agree
