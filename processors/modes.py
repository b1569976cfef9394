"""What the catalogue says of the operating modes and drivers of an asset, into its state."""

from typing import Any, Final

import numpy as np

from processors.identity import find_sensor, place
from processors.layout import AWAITED, BANDS, BANDS_MAX, DRIVERS_MAX, NO_MODE, NONE, OFF, RUNNING, UNSTATED
from processors.state import State

DEMAND: Final = "demand"  # says that the machine is wanted; explains nothing
NAMES: Final = {"": NO_MODE, "off": OFF, "running": RUNNING}


def describe_modes(state: State, asset: int, entry: dict[str, Any]) -> None:
    """Take over run rule, modes, drivers and settling time of an asset's entry; only a change of a rule forgets the present mode.

    At most five modes and two drivers are kept: `maint catalogue validate` refuses more.
    """
    record = state.assets[asset]
    rule, bands = entry.get("run_state"), (entry.get("modes") or [])[:BANDS_MAX]
    declared = entry.get("drivers") or []
    drivers = [driver for driver in declared if driver["role"] != DEMAND][:DRIVERS_MAX]
    record["settling"] = settling(entry)
    told = _told(state, asset)
    _forget(state, asset)
    record["moded"] = bool(rule or bands)
    record["bands_used"] = len(bands)
    record["drivers_used"], record["driving"] = len(drivers), np.nan
    for driver in declared:
        if driver["role"] == DEMAND:
            _tells(state, asset, "demand", 0, driver["sensor_id"])
    for k, driver in enumerate(drivers):
        _tells(state, asset, "driver", k, driver["sensor_id"])
    if rule:
        _tells(state, asset, "rule", 0, rule["sensor_id"])
        record["above"] = rule["comparison"] == "above"
        record["threshold"], record["hysteresis"] = rule["threshold"], rule["hysteresis"]
        record["delay_us"] = int(rule["delay_s"] * 1_000_000)
    for k, band in enumerate(bands):
        row = record["bands"][k]
        _tells(state, asset, "bands", k, band["sensor_id"])
        row["name"], row["low"], row["high"] = state.word(band["name"]), band["low"], band["high"]
    if _told(state, asset) != told:
        record["mode"] = record["running"] = record["pending"] = record["changes"] = 0
        record["bands"]["value"] = np.nan


def settling(entry: dict[str, Any]) -> int:
    """Tens of seconds of settling time that an entry states.

    >>> settling({"settling_s": 95.0}), settling({}) == UNSTATED
    (10, True)
    """
    seconds = entry.get("settling_s")
    return UNSTATED if seconds is None else min(int(np.ceil(seconds / 10)), UNSTATED - 1)


def mode_name(state: State, asset: int, mode: int) -> str:
    """Name of a mode of an asset; empty while it is not known."""
    if mode < BANDS:
        return next(name for name, number in NAMES.items() if number == mode)
    return state.words[int(state.assets[asset]["bands"]["name"][mode - BANDS])]


def mode_number(state: State, asset: int, name: str) -> int | None:
    """Number of a mode; None if the asset has no such mode."""
    if name in NAMES:
        return NAMES[name]
    record = state.assets[asset]
    known = [state.words[word] for word in record["bands"]["name"][: record["bands_used"]]]
    return BANDS + known.index(name) if name in known else None


def _told(state: State, asset: int) -> tuple[Any, ...]:
    """All that rule and bands say, to see whether an entry changes them."""
    record = state.assets[asset]
    bands = record["bands"][: record["bands_used"]]
    rule = tuple(record[name].item() for name in ("moded", "rule", "above", "threshold", "hysteresis", "delay_us"))
    return (*rule, *(tuple(band[name].item() for name in ("slot", "name", "low", "high")) for band in bands))


def _forget(state: State, asset: int) -> None:
    record = state.assets[asset]
    record["rule"], record["demand"], record["bands_used"] = NONE, NONE, 0
    for name, places in list(state.awaited.items()):
        state.awaited[name] = [each for each in places if each[0] != asset or each[1] == "partner"]
        if not state.awaited[name]:
            del state.awaited[name]


def _tells(state: State, asset: int, field: str, k: int, sensor_id: str) -> None:
    """Write down which sensor tells a mode or driver; it is awaited while it is not known."""
    slot = find_sensor(state, sensor_id.encode())
    if slot == NONE:
        state.awaited.setdefault(sensor_id, []).append((asset, field, k))
    place(state, asset, field, k, AWAITED if slot == NONE else slot)
