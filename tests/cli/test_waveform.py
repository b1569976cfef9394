"""A waveform from the frame that breaks a limit to the file a person opens."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from schemas.codec import encode
from settings import Settings
from sinks import waveforms
from sinks.table import TableSink
from store.database import connect
from streams.agents import acquisition
from streams.topics import FRAMES, WAVEFORMS
from tests.sinks.building import records
from tests.streams.building import START_MS, Input, place, taken

pytestmark = pytest.mark.integration

VALUES = np.sin(np.arange(4096) / 10).astype("<f4")
FRAME = {"sensor_id": "P1.vib", "ts": START_MS * 1000, "sample_rate_hz": 4096.0, "kind": "waveform", "values": VALUES.tobytes()}
LIMIT = {"kind": "sensor", "version": 1, "asset_id": "P1", "sensor_id": "P1.vib:velocity_rms", "limit_h": 0.01}


def told(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(app, ["waveform", *words], env={"MAINT_HOME": str(settings.home), "COLUMNS": "400"})


def kept(settings: Settings) -> list[bytes]:
    """What the agent of frames makes of a limit and a frame that breaks it."""
    mark: dict[str, Any] = {"kind": "catalogue", "version": 1, "subject": f"sensor/{LIMIT['sensor_id']}", "entry": LIMIT}
    log = [Input(0, encode("Mark", mark), None, START_MS), Input(1, encode("Frame", FRAME), b"P1", START_MS)]
    outputs = acquisition.begin(place(FRAMES), settings, None).apply(taken(log, 0, 2))
    return [output.value or b"" for output in outputs if output.topic == WAVEFORMS]


def test_a_waveform_is_listed_and_fetched_whole_or_not_at_all(instance_ready: Settings, tmp_path: Path) -> None:
    assert "no waveform yet" in told(instance_ready, "list").output
    with connect(instance_ready, autocommit=True) as connection:
        sink = TableSink(instance_ready, waveforms.table(instance_ready))
        sink.load(connection, "topic", [0])
        sink.write(connection, records(kept(instance_ready)))

    (row,) = json.loads(told(instance_ready, "list", "--sensor", "P1.vib", "--json").output)
    assert (row["sensor"], row["kind"], row["samples"], row["unit"]) == ("P1.vib", "limit_high", 4096, "m/s2")
    assert json.loads(told(instance_ready, "list", "--asset", "nobody", "--json").output) == []

    out = tmp_path / "burst.npz"
    assert "4096 values of P1.vib in m/s2, 4096 a second" in told(instance_ready, "get", row["waveform_id"][:13], "--out", str(out)).output
    found = np.load(out)
    assert np.array_equal(found["values"], VALUES)
    assert (float(found["sample_rate_hz"]), str(found["condition_sensor_id"])) == (4096.0, "P1.vib:velocity_rms")

    path = Path(row["address"].removeprefix("file://"))
    path.write_bytes(path.read_bytes()[:-1])
    other = tmp_path / "other.npz"
    assert "SHA-256 differs" in str(told(instance_ready, "get", row["waveform_id"], "--out", str(other)).exception)
    assert not other.exists()
    path.unlink()
    assert "No such file" in str(told(instance_ready, "get", row["waveform_id"], "--out", str(other)).exception)
    assert "no waveform with an id" in str(told(instance_ready, "get", "nothing", "--out", str(other)).exception)
