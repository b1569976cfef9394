"""A stranger's path: the CSV of a pump that nobody has described, with five mistakes in it, to a zone and the first correct episode.

Twelve commands, no Avro, no code. The servers, workers and the sink of `maint up` are those of the tests.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from settings import Settings
from tests.conftest import Servers
from tests.faults.harness import Chain, until
from tests.report import stranger

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

HEALTHY = ("--from", "2024-10-20T00:00:00Z", "--to", "2024-10-29T00:00:00Z")
READ = ("--time", "time", "--asset", "pump-7", "--tz", "Europe/Zurich", "--overlap", "order")
ASSET = {"power_kw": "55", "speed_rpm": "2950", "support": "rigid", "machine_group": "II"}
UNITS = {"vibration": "mm/s", "temperature": "degC", "pressure": "bar", "flow": "m3/h"}
MISTAKES = {"clock", "unit", "by_exception", "gap", "swapped"}


class Person:
    """Who types commands, and how many so far."""

    def __init__(self, home: Path) -> None:
        self.commands = 1  # `maint up`
        self._home = home

    def maint(self, *words: str) -> Any:
        self.commands += 1
        result = CliRunner().invoke(app, [*words, "--json"], env={"MAINT_HOME": str(self._home)})
        assert result.exit_code == 0, f"{words}: {result.output} {result.exception!r}"
        return json.loads(result.output)

    def correct(self, sheet: Path) -> None:
        """What the report said, and what only the plant knows, written into the proposed sheet."""
        with sheet.open(newline="") as file:
            rows = list(csv.DictReader(file))
        more = ("statistic", "direction", "power_kw", "speed_rpm", "support", "machine_group")
        for row in rows:
            row.update(dict.fromkeys(more, ""))
            row["note"] = ""
            if row["kind"] == "asset":
                row.update(ASSET)
            else:
                row["unit"] = UNITS[row["quantity"]]
            if row["quantity"] == "vibration":
                row.update(statistic="rms", direction="radial", support="rigid")
            if row["sensor_id"].endswith("temperature_nde"):
                row["unit"] = "degF"
        with sheet.open("w", newline="") as file:
            writer = csv.DictWriter(file, [name for name in rows[0] if name != "note"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture
def chain(instance_ready: Settings, servers: Servers, tmp_path: Path) -> Iterator[Chain]:
    with Chain(instance_ready, servers.stack, tmp_path / "chain") as found:
        for role in ("data", "control", "deliver"):
            found.start(role)
        yield found


def test_twelve_commands_to_the_first_correct_episode(chain: Chain, tmp_path: Path) -> None:
    person = Person(chain.settings.home)
    months, sheet, week = tmp_path / "pump.csv", tmp_path / "plant.csv", tmp_path / "next.csv"
    stranger.write(months, stranger.Mistakes())
    onset = stranger.write_worn(week)

    report = person.maint("report", "data", "--file", str(months), "--time", "time", "--asset", "pump-7")
    assert {found["kind"] for found in report["findings"]} >= MISTAKES

    assert person.maint("onboard", "csv", str(months), str(sheet), "--asset", "pump-7")["sensors"] == len(stranger.COLUMNS)
    person.correct(sheet)
    assert person.maint("catalogue", "validate", str(sheet))["problems"] == []
    person.maint("catalogue", "import", str(sheet), "--yes")

    played = person.maint("replay", "csv", str(months), *READ, "--history")
    chain.await_stored(240)
    assert played["sensors"] == len(stranger.COLUMNS)
    with chain.connect() as connection:
        assert connection.execute("select count(*) from plant.episode where not historical").fetchone() == (0,)

    proposed = person.maint("baseline", "propose", "pump-7", *HEALTHY)
    assert len(proposed) == len(stranger.COLUMNS)
    accepted = person.maint("baseline", "accept", "pump-7", *HEALTHY, "--who", "A. Stranger")
    assert len(accepted) == len(stranger.COLUMNS)

    zones = {row["point"]: row["zone"] for row in person.maint("zones", "pump-7")}
    assert zones == {"pump-7.vibration_de": "A", "pump-7.vibration_nde": "A"}

    person.maint("replay", "csv", str(week), *READ, "--history")
    chain.await_stored(240)
    until(lambda: _episodes(chain, onset) > 0, "an episode of the machine", 60)
    listed = person.maint("anomalies", "list", "--asset", "pump-7")
    first = min((row for row in listed if row["start"] >= onset.isoformat(" ")), key=lambda row: row["start"])
    assert (first["subject"], first["kind"]) == ("machine", "drift")
    shown = person.maint("anomalies", "show", first["episode_id"])
    assert shown["contributions"][0]["sensor"] == "pump-7.vibration_de"
    assert person.commands <= 12


def _episodes(chain: Chain, since: datetime) -> int:
    """Of the machine, begun since then."""
    with chain.connect() as connection:
        found = connection.execute("select count(*) from plant.episode where subject = 'machine' and start >= %s", (since,)).fetchone()
    return int(found[0]) if found else 0
