"""A motor's waveforms from the frame to the row of plant.spectrum, its zone and the names of its lines, as a person asks for them."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from schemas.codec import encode
from settings import Settings
from sinks import catalogue, features, spectra
from sinks.scored import Scored
from sinks.session import Session
from sinks.table import TableSink
from store.database import connect
from streams.agents import acquisition
from streams.topics import FEATURES, FRAMES, SCORED, SPECTRA
from tests.processors.bearings import BALL, RATE_HZ, SHAFT_HZ, damaged, imbalance, noise
from tests.sinks.building import records
from tests.streams.building import Input, place, taken

pytestmark = pytest.mark.integration

START_MS = 1_790_000_000_000 // 600_000 * 600_000
COUNT = 12  # frames, five minutes apart
MOTOR = {
    "kind": "asset", "version": 1, "asset_id": "M-1", "class": "motor", "power_kw": 75.0, "speed_rpm": 1760.0, "support": "rigid",
    "bearings": [{"point": "DE", "elements": 9, "diameter_mm": BALL.diameter_mm, "pitch_mm": BALL.pitch_mm, "angle_deg": 0.0}],
}  # fmt: skip
ACCELERATION = {
    "kind": "sensor", "version": 1, "asset_id": "M-1", "sensor_id": "M-1.DE.vib", "quantity": "vibration", "unit": "m/s2",
    "point": "DE", "direction": "horizontal",
}  # fmt: skip
OTHERS = (
    {**ACCELERATION, "sensor_id": "M-1.NDE.v", "unit": "mm/s", "statistic": "rms", "point": "NDE"},
    {**ACCELERATION, "sensor_id": "M-1.NDE.peak", "unit": "mm/s", "statistic": "peak", "point": "NDE"},
    {**ACCELERATION, "sensor_id": "M-1.NDE.g", "unit": "g", "statistic": "rms", "point": "NDE"},
)
PAGE = (Path(__file__).parents[2] / "docs/vibration.md").read_text(encoding="utf-8")
KEPT = """select kind, unit, df_hz, cardinality(amplitude), occasion, size, rate_hz, pg_typeof(amplitude)::text, extract(epoch from ts)
  from plant.spectrum where asset = 'M-1' and sensor = 'M-1.DE.vib' order by kind, ts"""
NORMAL = {"mode": "", "normal": 1.0, "spread": 0.1, "sway": 0.1, "readings": 500, "accepted": True, "who": "R. Ortiz", "reason": None}


def frames() -> list[Input]:
    """An outer ring that begins to spall, under an imbalance of about 3.4 mm/s."""
    values = imbalance(0.9) + damaged("outer ring", 1, snr_db=0.0) + noise(1)
    packed = values[: len(values) // 2].astype("<f4").tobytes()
    found = []
    for n in range(COUNT):
        at_ms = START_MS + 300_000 * n
        body = {"sensor_id": "M-1.DE.vib", "ts": at_ms * 1000, "sample_rate_hz": RATE_HZ, "kind": "waveform", "values": packed}
        found.append(Input(n, encode("Frame", body), b"M-1", at_ms))
    return found


@pytest.fixture
def plant(instance_ready: Settings) -> Settings:
    """The frames, worked and delivered as the processes do it."""
    work = acquisition.begin(place(FRAMES), instance_ready, None)
    outputs = work.apply(taken(frames(), 0, COUNT))
    session = Session(instance_ready)
    blocks = Scored(instance_ready)
    blocks.load(session.connection, "blocks", [0])
    blocks.write(session.connection, records([output.value or b"" for output in outputs if output.topic == SCORED]))
    baseline = {**NORMAL, "begin": None, "end": None, "drivers": []}
    reference = {"kind": "baseline", "version": 2, "asset_id": "M-1", "sensor_id": "M-1.DE.vib:velocity_rms", "baseline": baseline}
    entries = [encode("CatalogueEntry", entry) for entry in (MOTOR, ACCELERATION, *OTHERS, reference)]
    for table, values in (
        (catalogue.TABLE, entries),
        (features.TABLE, [output.value or b"" for output in outputs if output.topic == FEATURES]),
        (spectra.TABLE, [output.value or b"" for output in outputs if output.topic == SPECTRA]),
    ):
        write(instance_ready, session, table, values)
    session.drop()
    return instance_ready


def write(settings: Settings, session: Session, table: Any, values: Sequence[bytes]) -> None:
    sink = TableSink(settings, table)
    begin = sink.load(session.connection, "topic", [0])[0]
    sink.write(session.connection, records(values, first=begin))


@pytest.fixture
def run(plant: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MAINT_HOME", str(plant.home))

    def call(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output
        return result

    return call


def test_a_frame_becomes_a_row_of_each_kind(plant: Settings) -> None:
    with connect(plant) as connection:
        found = connection.execute(KEPT).fetchall()
        assert connection.execute("select count(*) from store.poison").fetchall() == [(0,)]
    assert [row[0] for row in found[:2]] == ["envelope", "envelope" if len(found) > 2 else "velocity"]
    assert found[-1][1:8] == ("mm/s", 1.0, 1600, "hour", 20_480, RATE_HZ, "real[]")
    assert min(float(row[8]) for row in found) == START_MS / 1000


def test_sql_reads_the_frequency_of_each_line(plant: Settings) -> None:
    """The examples of docs/vibration.md, as they stand there."""
    first, second = re.findall(
        r"^(?:--[^\n]*\n)(select.*?;)", re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)[0], re.DOTALL | re.MULTILINE
    )
    with connect(plant) as connection:
        hz, amplitude, _ = connection.execute(first.encode()).fetchall()[0]
        connection.execute(second.encode())
    assert hz == pytest.approx(SHAFT_HZ, abs=1.0)
    assert amplitude == pytest.approx(1e3 * 0.9 / np.sqrt(2) / (2 * np.pi * SHAFT_HZ), rel=0.2)


def test_zones_with_reasons(run: Any) -> None:
    found = {row["point"]: row for row in json.loads(run("zones", "M-*", "--json").output)}
    assert set(found) == {"M-1.DE.vib", "M-1.NDE.v", "M-1.NDE.peak", "M-1.NDE.g"}
    point = found["M-1.DE.vib"]
    assert (point["zone"], point["limits"], point["place"]) == ("C", [1.4, 2.8, 4.5], "DE horizontal")
    assert (point["matters"], point["accepted"], point["alarm"]) == (True, True, pytest.approx(1.7))
    assert point["change"] == pytest.approx(point["value"] - 1.0)
    assert "taken as steady" in point["note"]
    assert "no steady window" in found["M-1.NDE.v"]["reason"]
    assert found["M-1.NDE.peak"]["reason"] == "peak value: the limits are rms values"
    assert "needs a waveform" in found["M-1.NDE.g"]["reason"]
    assert "group 2" in run("zones").output
    assert run("zones", "nothing").output.startswith("no sensor of vibration")


def test_lines_have_names_and_the_ring_is_found(run: Any, tmp_path: Path) -> None:
    drawn = tmp_path / "spectrum.svg"
    found = json.loads(run("spectrum", "M-1.DE.vib", "--svg", str(drawn), "--json").output)
    assert found["speed"]["source"] == "vibration"
    assert found["speed"]["rpm"] == pytest.approx(60 * SHAFT_HZ, rel=0.005)
    assert found["spectra"]["velocity"]["lines"][0]["name"] == "1x"
    assert found["spectra"]["envelope"]["lines"][0]["name"] == "BPFO"
    assert [finding["part"] for finding in found["findings"]] == ["outer ring"]
    assert "BPFO" in drawn.read_text()
    assert "1x" in run("spectrum", "M-1.DE.vib").output


def test_a_spectrum_of_another_time_or_of_nothing(run: Any) -> None:
    assert "no spectrum" in run("spectrum", "M-1.DE.vib", "--at", "2001-01-01", code=1).output
    assert "waveforms" in run("spectrum", "nothing", code=1).output
