"""docs/detection.md: how long a sensor learns is what the code says."""

from pathlib import Path

from processors.baseline import RUNNING_US_MIN
from processors.health import LEARNT_AFTER
from processors.options import Options

PAGE = (Path(__file__).parents[1] / "docs/detection.md").read_text(encoding="utf-8")


def test_the_length_of_learning_on_the_page_is_that_of_the_code() -> None:
    section = PAGE[PAGE.index("## When a sensor is judged") : PAGE.index("## References")]
    known = Options()
    assert f"{known.grace_readings:g} readings *and* {known.grace_s / 60:g} minutes of event time" in section
    assert f"a hole of {known.gap_intervals:g} intervals | {known.adopt_readings:g} readings |" in section
    assert f"| silence | {LEARNT_AFTER} readings" in section
    assert f"{RUNNING_US_MIN / 3.6e9:g} h of settled readings at least" in section
    assert f"under {known.discovered_readings:g} readings" in section
    hours = known.grace_readings / 60, known.grace_readings / 24
    assert f"{hours[0]:.1f} h at one a minute, {hours[1]:.1f} days at one an hour" in section
