"""The rules of prediction over the windows of some machines in process: what was said of failures to come.

Of the windows of ten minutes one in three hours is shown, and only from MEMORY_DAYS before the judged half: chances look back three
weeks, and of the trend, which remembers half a year, nothing is judged. It is asked once in ASKED_DAYS: to say more costs more than
all else of an exam, and neighbouring days say the same.
The maintenance log is that of the plant: failures known when they were logged, without those that nobody logged or that were
written to another machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from processors import hazard, prediction
from processors.features import Windows
from processors.machine import Driver, Machine, Past, Reference, Sensor
from processors.pattern.row import glance
from processors.prediction import WINDOW_S, Life
from simulator.exam.chance import HORIZONS_D, Stated
from simulator.exam.judge import DAY_US, HOUR_US
from simulator.life.plant import Unit

EVERY_US: Final = 3 * HOUR_US
ASKED_DAYS: Final = 14
MEMORY_DAYS: Final = 60
NOT_NOW: Final = "not asked today"
ORIGIN: Final = {"topic_id": "exam", "partition": 0, "offset": 0}


class Log:
    """Failures of each class as the maintenance log of a whole plant learns of them.

    Args:
        units: of the plant.
        begin_us: of the plan, and of the log.

    """

    def __init__(self, units: Iterable[Unit], begin_us: int) -> None:
        self._begin_us = begin_us
        self._logged: dict[str, list[int]] = {}
        self._machines: dict[str, int] = {}
        for what in units:
            kind = what.machine.name
            self._machines[kind] = self._machines.get(kind, 0) + 1
            known = [work.logged_h for work in what.history.work if work.activity == "replace" and not work.misplaced]
            self._logged.setdefault(kind, []).extend(begin_us + hour * HOUR_US for hour in known if hour is not None)

    def past(self, kind: str, now_us: int) -> Past:
        """What the log knows of a class at a time."""
        days = (now_us - self._begin_us) / DAY_US
        return Past(sum(at <= now_us for at in self._logged[kind]), self._machines[kind] * days)


class Future:
    """The state of prediction and what was said so far.

    Args:
        units: machines that may fail.
        log: the maintenance log of their plant.
        from_us: when the judged half begins.

    """

    def __init__(self, units: Sequence[Unit], log: Log, from_us: int) -> None:
        self._log, self._from_us, self._now_us = log, from_us, 0
        self._kinds = {what.name: what.machine.name for what in units}
        self._state: dict[str, Any] = prediction.empty()
        self._next_us = dict.fromkeys(self._kinds, from_us - MEMORY_DAYS * DAY_US)
        self._sensors: dict[str, dict[str, Mapping[str, Any]]] = {name: {} for name in self._kinds}
        self._references: dict[str, dict[str, Reference]] = {}
        self.stated: list[Stated] = []

    def tell(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Entries of the catalogue, accepted baselines among them."""
        for entry in entries:
            if entry["kind"] == "sensor" and entry["asset_id"] in self._sensors:
                self._sensors[entry["asset_id"]][entry["sensor_id"]] = entry
            elif entry["kind"] == "baseline":
                self._references.setdefault(entry["sensor_id"], {})[entry["baseline"]["mode"]] = _reference(entry)

    def take(self, windows: Windows) -> None:
        """Windows in order."""
        for place, (asset, known_at) in enumerate(zip(windows.assets, windows.known_at, strict=True)):
            if asset not in self._next_us or known_at < self._next_us[asset]:
                continue
            told = glance(windows.values[place] or b"")
            if told is not None and told[1] == WINDOW_S:
                self._next_us[asset] = known_at - known_at % EVERY_US + EVERY_US
                self._step({**windows[place], "historical": True})  # one record a day, as of the past

    def _step(self, record: dict[str, Any]) -> None:
        self._now_us = record["known_at"]
        for made in prediction.step(
            self._state, record, schema="Features", known_at_us=self._now_us, origin=ORIGIN, about=self._about, ask=lambda *_: Life()
        ):
            if self._asked():
                known = {name: value for name, value in made["inputs"].items() if name != "condition"}
                said = (made, hazard.chances(known))
                odds, plain = (tuple(each.get(f"p_failure_{days}d") for days in HORIZONS_D) for each in said)
                self.stated.append(Stated(made["asset_id"], self._now_us, odds, plain))

    def _asked(self) -> bool:
        return self._now_us >= self._from_us and (self._now_us - self._from_us) // DAY_US % ASKED_DAYS == 0

    def _about(self, asset: str) -> Machine | str:
        """The machine as the database would know it, on days on which somebody asks."""
        if not self._asked():
            return NOT_NOW
        sensors = {name: _sensor(entry, self._references.get(name, {})) for name, entry in self._sensors[asset].items()}
        return Machine(asset, self._kinds[asset], sensors, past=self._log.past(self._kinds[asset], self._now_us))


def _sensor(entry: Mapping[str, Any], references: Mapping[str, Reference]) -> Sensor:
    low, high = (entry[near] if entry[near] is not None else entry[far] for near, far in (("limit_l", "limit_ll"), ("limit_h", "limit_hh")))
    return Sensor(entry["sensor_id"], entry["quantity"], low, high, dict(references))


def _reference(entry: Mapping[str, Any]) -> Reference:
    told = entry["baseline"]
    drivers = tuple(Driver(each["sensor_id"], each["slope"], each["centre"]) for each in told["drivers"])
    return Reference(told["normal"], told["spread"], told["begin"], entry["version"], told["accepted"], drivers)
