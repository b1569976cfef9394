"""Detectors that teach themselves on the beginning of a recording."""

import numpy as np
import pytest

from models.artifact import Artifact, ArtifactError
from models.generated import rig
from models.kinds.recording import hysteresis
from models.predictor import predictor

VOTING = {"healthy": 400, "votes": 1, "tunings": [{"high": 5.0}]}
SMOOTHED = {"healthy": 400, "detector": "t2spe", "weight": 0.3, "rows_off": 8, "high": 4.0, "low": 2.0}


@pytest.mark.parametrize("options", [VOTING, SMOOTHED])
def test_a_channel_that_jumps_after_the_healthy_rows_alarms(options: dict[str, object]) -> None:
    rows = np.random.default_rng(0).normal(size=(600, 8))
    rows[500:, 2] += 15.0
    model = predictor(Artifact("recording", rig.CHANNELS, ("score", "alarm"), options=options))
    alarm = model.predict(rows)[:, 1]
    explained = model.explain(rows)
    assert alarm[400:499].mean() < 0.1
    assert alarm[510:].mean() > 0.9
    assert explained is not None
    assert explained[520].argmax() == 2


def test_a_recording_that_ends_early_is_not_judged() -> None:
    model = predictor(Artifact("recording", rig.CHANNELS, ("score", "alarm"), options=VOTING))
    answers = model.predict(np.zeros((10, 8)))
    assert np.isnan(answers[:, 0]).all()
    assert not answers[:, 1].any()


def test_an_alarm_ends_after_quiet_rows_on_end() -> None:
    assert hysteresis(np.array([0.0, 9.0, 0.0, 3.0, 0.0, 0.0, 0.0]), 5.0, 2.0, 2).tolist() == [0, 1, 1, 1, 1, 0, 0]


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ArtifactError, match="options"):
        predictor(Artifact("recording", rig.CHANNELS, ("score", "alarm"), options={"healthy": 4, "votes": 1, "tunings": [{"x": 1}]}))
