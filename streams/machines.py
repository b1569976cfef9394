"""What is known of the machines, as the database had it at the last look: read in the background, so that no record waits for it."""

from collections.abc import Callable, Iterable, Mapping
from threading import Event, Thread
from typing import Any, Final

import psycopg

from processors import waveform
from processors.bearing import Bearing
from processors.machine import Driver, Failure, Machine, Past, Plate, Reference, Sensor
from settings import Settings
from store import references
from store.database import Unconfigured, connect
from telemetry.health import Health

EVERY_S: Final = 30.0
FIRST_S: Final = 1.0  # until something is known
NAME: Final = "references"
RUNNING: Final = "running"  # the mode of a machine that has a run rule and is in none of its declared modes

Read = Callable[[], Mapping[str, Mapping[str, Any]]]


class Machines:
    """Machines by asset. Safe to ask from any thread; a database that is away leaves what was known.

    Args:
        read: everything by asset, as store.references.read gives it; raises psycopg.Error or Unconfigured.
        health: told whether the database answers.

    """

    def __init__(self, read: Read, health: Health | None = None, *, every_s: float = EVERY_S) -> None:
        self._read, self._health, self._every_s = read, health or Health(), every_s
        self._known: Mapping[str, Machine] = {}
        self._odd: Mapping[str, str] = {}
        self._away = "references were not read yet"
        self._end = Event()
        self._thread = Thread(target=self._run, name="references", daemon=True)

    def about(self, asset: str) -> Machine | str:
        """What is known of an asset, or why nothing is."""
        return self._known.get(asset) or self._odd.get(asset) or self._away or "the database does not know this asset yet"

    def look(self) -> None:
        """Read once."""
        try:
            found = self._read()
        except Unconfigured as problem:
            self._away = str(problem)
            self._health.set(NAME, True, str(problem), critical=False)
        except Exception as problem:  # noqa: BLE001  whatever a session or a row raises: told, and tried again
            reason = (
                f"{'the database does not answer' if isinstance(problem, psycopg.Error) else 'references cannot be read'}: {_line(problem)}"
            )
            self._away = self._away and reason
            self._health.set(NAME, False, f"{reason}; what was known goes on", critical=False)
        else:
            self._take(found)

    def _take(self, found: Mapping[str, Mapping[str, Any]]) -> None:
        """Make these rows known. One that cannot be read costs its own asset the news, and no other."""
        known: dict[str, Machine] = {}
        odd: dict[str, str] = {}
        for asset, row in found.items():
            try:
                known[asset] = machine(asset, row)
            except Exception as problem:  # noqa: BLE001  whatever an odd row raises
                odd[asset] = f"its references cannot be read: {_line(problem)}"
                if asset in self._known:
                    known[asset] = self._known[asset]
        self._known, self._odd, self._away = known, odd, ""
        told = next((f"{asset}: {reason}" for asset, reason in odd.items()), "")
        self._health.set(NAME, not odd, f"{told}; {len(odd)} of {len(found)} assets" if odd else "", critical=False)

    def start(self) -> None:
        """Go on looking in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._end.is_set():
            self.look()
            self._end.wait(FIRST_S if self._away else self._every_s)


def _line(problem: Exception) -> str:
    """What an error says in its first line, or its name.

    >>> _line(ValueError("a")), _line(KeyError("unit")), _line(OSError())
    ('ValueError: a', "KeyError: 'unit'", 'OSError')
    """
    name, told = type(problem).__name__, str(problem).strip()
    return f"{name}: {told.splitlines()[0]}" if told else name


def reader(settings: Settings) -> Read:
    """Reads everything with a session of its own."""

    def read() -> Mapping[str, Mapping[str, Any]]:
        with connect(settings, autocommit=True) as connection:
            return references.read(connection)

    return read


def machine(asset: str, row: Mapping[str, Any]) -> Machine:
    """A machine from its row."""
    modes = [RUNNING, *row["plate"]["modes"]] if row["plate"]["moded"] else []
    sensors = {name: _sensor(name, each, modes) for name, each in row["sensors"].items()}
    failures = tuple(Failure(each["failure_mode"], each["action"], frozenset(each["quantities"])) for each in row["failures"])
    past = Past(row["past"]["failures"], row["past"]["machine_days"]) if row["past"] else None
    return Machine(asset, row["class"] or "general", sensors, failures, _plate(row["plate"]), row["plate"]["moded"], past)


def _sensor(name: str, row: Mapping[str, Any], modes: Iterable[str]) -> Sensor:
    references = {mode: _reference(each) for mode, each in row["references"].items()}
    if references.keys() == {""} and name.rpartition(":")[2] in waveform.NAMES:  # of frames, whose log knows no modes: holds in each
        references |= dict.fromkeys(modes, references[""])
    stated = {name: row[name] or "" for name in ("unit", "statistic", "point", "support")}
    return Sensor(name, row["quantity"], row["low"], row["high"], references, **stated, by_exception=row["reporting"] == "by_exception")


def _plate(row: Mapping[str, Any]) -> Plate:
    bearings = tuple(
        (each["point"], Bearing(each["elements"], each["diameter_mm"], each["pitch_mm"], each.get("angle_deg") or 0.0))
        for each in row["bearings"]
    )
    return Plate(row["power_kw"], row["shaft_height_mm"], row["speed_rpm"], row["support"], row["machine_group"], bearings)


def _reference(row: Mapping[str, Any]) -> Reference:
    drivers = tuple(Driver(each["sensor_id"], each["slope"], each["centre"]) for each in row["drivers"])
    return Reference(row["normal"], row["spread"], row["begin_us"], row["known_at_us"], row["accepted"], drivers)
