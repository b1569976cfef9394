"""What a spectrum says of bearings, from rows as SQL gives them; also where nothing can be said."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from cli.spectrum import _print, read

DRIVE_END = {"point": "DE", "elements": 9, "diameter_mm": 7.94, "pitch_mm": 39.04, "angle_deg": 0.0}
MACHINE = {"speed_rpm": 1760.0, "gear_teeth": [], "blades": None, "bearings": [DRIVE_END], "point": "DE"}


def row(kind: str = "envelope", **changed: Any) -> dict[str, Any]:
    about = {"sensor": "M.vib", "asset": "M", "ts": datetime(2026, 3, 1, tzinfo=UTC), "occasion": "hour", "mode": "", "unit": "m2/s4"}
    amplitude = np.random.default_rng(1).rayleigh(size=1600).tolist()
    lines = {"first_hz": 0.0, "df_hz": 1.0, "enbw_lines": 1.5, "band_low_hz": 2000.0, "band_high_hz": 4000.0, "amplitude": amplitude}
    return {**about, "kind": kind, **lines, **changed}


def test_a_bearing_that_is_judged_and_whole() -> None:
    found = read([row()], MACHINE, 1758.0)
    assert (found["judged"], found["findings"]) == (True, [])


@pytest.mark.parametrize(
    ("stored", "machine", "measured_rpm", "told"),
    [
        (row(), {"bearings": []}, 1758.0, "asset M has no bearing in the catalogue; fill its column bearings, like `DE: n=8"),
        (row(), {"point": "NDE"}, 1758.0, "asset M has bearings at DE and none at NDE; fill its column bearings"),
        (row("velocity"), {}, 1758.0, "there is no envelope: the frames are too slow"),
        (row(), {"speed_rpm": None}, None, "the speed is unknown; fill speed_rpm of asset M in the catalogue"),
        (row(), {}, None, "the speed is the rated one, lines may lie beside; name a sensor of speed in drivers of asset M"),
        (row(first_hz=1.0), {}, 1758.0, "neighbouring lines were joined"),
    ],
)
def test_what_is_not_looked_for_is_not_called_whole(
    stored: dict[str, Any], machine: dict[str, Any], measured_rpm: float | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read([stored], MACHINE | machine, measured_rpm)
    assert (found["judged"], found["findings"]) == (False, [])
    _print(found)
    printed = capsys.readouterr().out
    assert f"lines of bearings are not looked for: {told}" in printed
    assert "no damaged part" not in printed
