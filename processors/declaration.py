"""What the catalogue says of the operating modes and drivers of an asset, into its state."""

from typing import Any, Final

import numpy as np

from processors.identity import find_sensor, place
from processors.layout import AWAITED, BANDS, BANDS_MAX, DRIVERS_MAX, NO_MODE, NONE, OFF, RUNNING, UNSTATED
from processors.state import State

DEMAND: Final = "demand"  # says that the machine is wanted; explains nothing
NAMES: Final = {"": NO_MODE, "off": OFF, "running": RUNNING}


def describe_modes(state: State, asset: int, entry: dict[str, Any]) -> None:
    """Take over run rule, modes, drivers and settling time of an asset's entry.

    A change of rule or modes forgets the present mode; one of the modes also what was learnt in them, and one of the drivers
    what they explain: both are kept by number. At most five modes and two drivers are kept: `maint catalogue validate` refuses
    more.
    """
    record = state.assets[asset]
    rule, bands, drivers = _rule(entry), _bands(entry), _drivers(entry)
    before = state.declared.get(state.asset_names[asset], {})
    state.declared[state.asset_names[asset]] = {"rule": rule, "bands": bands, "drivers": drivers}
    record["settling"] = settling(entry)
    _forget(state, asset)
    record["moded"] = bool(rule or bands)
    record["bands_used"], record["drivers_used"] = len(bands), len(drivers)
    demand = next((driver["sensor_id"] for driver in entry.get("drivers") or [] if driver["role"] == DEMAND), None)
    if demand:
        _tells(state, asset, "demand", 0, demand)
    for k, sensor_id in enumerate(drivers):
        _tells(state, asset, "driver", k, sensor_id)
    if rule:
        _tells(state, asset, "rule", 0, rule[0])
        record["above"], record["threshold"], record["hysteresis"] = rule[1] == "above", rule[2], rule[3]
        record["delay_us"] = int(rule[4] * 1_000_000)
    for k, (sensor_id, name, low, high) in enumerate(bands):
        row = record["bands"][k]
        _tells(state, asset, "bands", k, sensor_id)
        row["name"], row["low"], row["high"] = state.word(name), low, high
    if before.get("rule") != rule or before.get("bands") != bands:
        record["mode"] = record["running"] = record["pending"] = record["changes"] = 0
        record["bands"]["value"] = np.nan
    if before.get("drivers") != drivers:
        record["driving"] = np.nan


def modes_changed(state: State, asset: int, entry: dict[str, Any]) -> tuple[bool, bool]:
    """Whether an entry changes modes of the catalogue that were there before, and whether it changes drivers."""
    before = state.declared.get(state.asset_names[asset], {})
    return bool(before.get("bands")) and before["bands"] != _bands(entry), bool(before) and before["drivers"] != _drivers(entry)


def _rule(entry: dict[str, Any]) -> list[Any]:
    rule = entry.get("run_state")
    return [rule[name] for name in ("sensor_id", "comparison", "threshold", "hysteresis", "delay_s")] if rule else []


def _bands(entry: dict[str, Any]) -> list[list[Any]]:
    return [[band[name] for name in ("sensor_id", "name", "low", "high")] for band in (entry.get("modes") or [])[:BANDS_MAX]]


def _drivers(entry: dict[str, Any]) -> list[str]:
    return [driver["sensor_id"] for driver in entry.get("drivers") or [] if driver["role"] != DEMAND][:DRIVERS_MAX]


def settling(entry: dict[str, Any]) -> int:
    """Tens of seconds of settling time that an entry states.

    >>> settling({"settling_s": 95.0}), settling({}) == UNSTATED
    (10, True)
    """
    seconds = entry.get("settling_s")
    return UNSTATED if seconds is None else min(int(np.ceil(seconds / 10)), UNSTATED - 1)


def mode_name(state: State, mode: int, word: int) -> str:
    """Name of a mode, `word` being that of one of the catalogue; empty while it is not known."""
    return state.words[word] if mode >= BANDS else next(name for name, number in NAMES.items() if number == mode)


def mode_number(state: State, asset: int, name: str) -> int | None:
    """Number of a mode; None if the asset has no such mode."""
    if name in NAMES:
        return NAMES[name]
    record = state.assets[asset]
    known = [state.words[word] for word in record["bands"]["name"][: record["bands_used"]]]
    return BANDS + known.index(name) if name in known else None


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
