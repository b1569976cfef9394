"""Published layouts and their mistakes, on files made here."""

import gzip
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from simulator.replay import ai4i, battery, cmapss, hydraulic, nab
from simulator.replay.files import ReplayError
from simulator.replay.recording import EPOCH_US

TURBOFAN = "1 1 " + " ".join(["1.5"] * 24) + "  \n"


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize("where", ["data/realKnownCause/a.csv", "realKnownCause/a.csv.gz", "a.csv"])
def test_nab_is_found_at_every_level_plain_or_packed(tmp_path: Path, where: str) -> None:
    put(tmp_path / where, "timestamp,value\n2014-01-07 02:55:00,1\n2014-01-07 02:00:00,2\n")
    [part] = nab.read(tmp_path).parts
    [batch] = part.batches()
    assert part.tags[0].sensor_id == "nab-a.value"
    assert batch.value.tolist() == [1, 2]
    assert (batch.ts[1] - batch.ts[0]) / 60e6 == -55


def test_the_plain_file_wins_over_its_packed_twin(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "timestamp,value\n2014-01-07 02:00:00,1\n")
    put(tmp_path / "a.csv.gz", "timestamp,value\n2014-01-07 02:00:00,2\n")
    recording = nab.read(tmp_path)
    assert [path.name for path in recording.files] == ["a.csv"]


def test_a_packed_file_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    (tmp_path / "train_FD001.txt").write_bytes(gzip.compress(TURBOFAN.encode()))
    [part] = cmapss.read(tmp_path).parts
    assert sum(map(len, part.batches())) == 24


def test_hydraulic_reads_the_published_text_files(tmp_path: Path) -> None:
    put(tmp_path / "TS1.txt", "\t".join(["20.5"] * 60) + "\n" + "\t".join(["21"] * 60) + "\n")
    put(tmp_path / "PS1.txt", "\t".join(["150"] * 6000) + "\n" + "\t".join(["151"] * 6000) + "\n")
    put(tmp_path / "profile.txt", "3\t100\t0\t130\t1\n")
    [part] = hydraulic.read(tmp_path).parts
    batches = list(part.batches())
    assert sum(map(len, batches)) == 2 * 6060
    pressure = [tag.sensor_id for tag in part.tags].index("hydraulic-rig.PS1")
    assert np.diff(batches[0].ts[batches[0].sensor == pressure]).tolist() == [10_000] * 11_999


def test_battery_reads_samples_and_takes_seconds_from_the_start(tmp_path: Path) -> None:
    columns = "cycle_num,ambient_temperature,cycle_time_start,Capacity,Voltage_measured,Current_measured,Temperature_measured"
    put(
        tmp_path / "B0005_discharge.csv.gz",
        f"{columns},Current_load,Voltage_load,Time\n"
        "1,24,2008-04-02 15:25:41,1.86,4.19,-0.005,24.3,-0.0006,0.0,0.0\n"
        "1,24,2008-04-02 15:25:41,1.86,4.18,-0.001,24.4,-0.0006,4.206,16.781\n",
    )
    [part] = battery.read(tmp_path).parts
    [batch] = part.batches()
    assert part.tags[0].sensor_id == "battery-b0005.voltage"
    assert len(batch) == 10
    assert sorted(set((batch.ts - batch.ts[0]).tolist())) == [0, 16_781_000]


def test_cycles_are_hours_from_2020(tmp_path: Path) -> None:
    put(tmp_path / "test_FD003.txt", TURBOFAN + TURBOFAN.replace("1 1 ", "1 2 ", 1))
    [part] = cmapss.read(tmp_path).parts
    [batch] = part.batches()
    assert part.tags[0].sensor_id == "cmapss-fd003-test-001.altitude"
    assert sorted(set((batch.ts - EPOCH_US).tolist())) == [0, 3_600_000_000]


MISTAKES = [
    ("nab", "a.csv", "timestamp,value\n2014-01-07 02:55:00,x\n", "a.csv:2, column value: 'x' is not a number"),
    ("nab", "a.csv", "timestamp,value\nnoon,1\n", "a.csv:2, column timestamp: 'noon' is no time"),
    ("nab", "a.csv", "timestamp,value\n2014-01-07 02:55:00\n", "a.csv:2: 1 columns; the file is cut"),
    ("nab", "a.csv", "time,value\n", "a.csv:1: no column 'timestamp'; found: time, value"),
    ("nab", "readme.md", "hello", "holds no NAB series"),
    ("cmapss", "train_FD001.txt", TURBOFAN + TURBOFAN.replace("1.5", "abc", 1), "train_FD001.txt:2, column 3: 'abc' is not a number"),
    ("cmapss", "train_FD001.txt", TURBOFAN + "1 2 3\n", "train_FD001.txt:2: 3 columns instead of 26"),
    ("cmapss", "train_FD001.txt", "1 2 3\n", "train_FD001.txt:1: 3 columns instead of 26"),
    ("cmapss", "train_FD001.txt", TURBOFAN.replace("1 1 ", "1 0 ", 1), "unit and cycle must be whole numbers from 1"),
    ("ai4i", "ai4i2020.csv", "UDI,Type\n1,M\n", "no column 'Air temperature [K]'"),
    ("ai4i", "other.csv", "UDI\n", "holds 0 files named ai4i*.csv"),
    ("hydraulic", "TS1.txt", "1\t2\n", "2 samples a cycle"),
    ("hydraulic", "x.txt", "1", "holds no sensor file"),
    ("battery", "B0005.mat", "x", ".mat files are not read, export them to CSV"),
]


def exhaust(name: str, folder: Path) -> None:
    for part in import_module(f"simulator.replay.{name}").read(folder).parts:
        list(part.batches())


@pytest.mark.parametrize(("name", "file", "text", "told"), MISTAKES)
def test_a_mistake_names_file_line_column_and_remedy(tmp_path: Path, name: str, file: str, text: str, told: str) -> None:
    put(tmp_path / file, text)
    with pytest.raises(ReplayError) as raised:
        exhaust(name, tmp_path)
    assert told in str(raised.value)


def test_sensors_of_different_length_are_told_apart(tmp_path: Path) -> None:
    row = "\t".join(["1"] * 60) + "\n"
    put(tmp_path / "TS1.txt", row)
    put(tmp_path / "TS2.txt", row * 2)
    [part] = hydraulic.read(tmp_path).parts
    with pytest.raises(ReplayError, match=r"TS1.txt 1, TS2.txt 2"):
        list(part.batches())


def test_a_damaged_gzip_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"timestamp,value\n" + b"2014-01-07 02:55:00,1\n" * 10_000)[:-30])
    with pytest.raises(ReplayError, match="the gzip file is damaged"):
        list(nab.read(tmp_path).parts[0].batches())


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="is not a folder"):
        ai4i.read(tmp_path / "nowhere")
