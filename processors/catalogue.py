"""Catalogue entries into the state: what people know of sensors, and the life cycle they decide."""

from typing import Any, Final

import numpy as np

from processors import level, regime, trouble
from processors.declaration import describe_modes, mode_number, settling
from processors.identity import add_asset, add_sensor, find_asset, find_sensor, move, place
from processors.layout import (
    ALONE,
    BANDS,
    BY_EXCEPTION,
    CATALOGUED,
    COUPLED,
    DECOMMISSIONED,
    LEARNING,
    MONITORED,
    NO_MODE,
    NONE,
    OUT_OF_SERVICE,
    PERIODIC,
    PLAIN,
    REDUNDANT,
    REGIMES,
    RESCALES,
    RESCALES_MAX,
    STATES,
    UNKNOWN,
    UNTIED,
    Record,
)
from processors.quantity import NATURES, infer
from processors.state import State, grown
from processors.validation import NAME_BYTES_MAX

TIME_S_MAX: Final = 1e7
REPORTING: Final = {"unknown": UNKNOWN, "periodic": PERIODIC, "by_exception": BY_EXCEPTION}


def describe_asset(state: State, entry: dict[str, Any]) -> None:
    """Take over the entry of an asset, unless it is not newer."""
    slot = _asset(state, entry["asset_id"])
    if entry["version"] > state.assets[slot]["version"]:
        state.assets[slot]["version"] = entry["version"]
        describe_modes(state, slot, entry)


def describe_reference(state: State, entry: dict[str, Any]) -> None:
    """Take over the reference of a sensor in one mode, unless it is not newer or the asset has no such mode."""
    slot = find_sensor(state, entry["sensor_id"].encode())
    if slot == NONE:  # its own entry may come later: topics are read partition by partition
        slot = add_sensor(state, entry["sensor_id"].encode(), _asset(state, entry["asset_id"]))
    stated, asset = entry["baseline"], int(state.sensors[slot]["asset"])
    mode = mode_number(state, asset, stated["mode"])
    if mode is None or not stated["sway"] > 0.0:
        return
    state.regimes = grown(state.regimes, int(state.numbers[REGIMES]) + 1)
    at = regime.find(state.arrays, slot, mode)
    if at == NONE:
        at = regime.add(state.arrays, slot, mode)
    if state.sensors[slot]["mode"] == mode:
        state.sensors[slot]["regime"] = at
    record = state.regimes[at]
    if entry["version"] <= record["version"]:
        return
    record["version"], record["accepted"] = entry["version"], stated["accepted"]
    record["normal"], record["sway"] = stated["normal"], stated["sway"]
    record["readings"], record["sum"], record["above"], record["below"] = 0, 0.0, 0.0, 0.0
    record["explains"] = record["fixed"] = 1
    record["slope"] = record["zero"] = 0.0
    drivers = state.assets[asset]["driver"][: state.assets[asset]["drivers_used"]].tolist()
    for share in stated["drivers"]:
        driver = find_sensor(state, share["sensor_id"].encode())
        if driver in drivers:
            k = drivers.index(driver)
            record["slope"][k], record["zero"][k] = share["slope"], share["centre"]
    _believe(state.sensors[slot], at, record)


def describe_sensor(state: State, entry: dict[str, Any]) -> None:
    """Take over the entry of a sensor. A new scale or offset makes what was learnt worthless."""
    asset = _asset(state, entry["asset_id"])
    slot = find_sensor(state, entry["sensor_id"].encode())
    if slot == NONE:
        slot = add_sensor(state, entry["sensor_id"].encode(), asset)
    record = state.sensors[slot]
    if record["asset"] != asset:
        move(state, slot, asset)
        forget(state, slot)  # what was learnt, modes and references are those of the other machine
        record["mode"], record["regime"] = NO_MODE, NONE
    rescaled = _rescaled(record, entry)
    if rescaled and entry["valid_from"] is not None:
        _keep_scale(state, slot, entry["valid_from"])
    record["delay_on"] = entry["delay_on_s"] or 0.0
    record["delay_off"] = np.nan if entry["delay_off_s"] is None else entry["delay_off_s"]
    record["known"], record["version"] = 1, entry["version"]
    for name in ("scale", "offset", "deep"):
        record[name] = entry[name]
    for name in CATALOGUED:
        record[name] = np.nan if entry[name] is None else entry[name]
    record["reporting"] = REPORTING[entry["reporting"]]
    record["gateway"], record["quantity"] = state.word(entry["gateway"] or ""), state.word(entry["quantity"] or "")
    record["nature"] = NATURES.get(entry["quantity"] or infer(entry["sensor_id"]), PLAIN)
    _tie(state, slot, entry)
    record["settling"] = settling(entry)
    _life(record, entry["state"])
    if not entry["deep"]:
        state.deeps.pop(slot, None)
    if rescaled:
        forget(state, slot)


def forget(state: State, slot: int) -> None:
    """Forget what a sensor taught in all modes, and its references: they speak of another scale or another machine."""
    level.forget(state.sensors[slot])
    regime.forget(state.arrays, slot, NO_MODE)
    state.deeps.pop(slot, None)


def forget_modes(state: State, slot: int) -> None:
    """Forget what a sensor taught in the modes of its asset's entry, which are no longer what they were."""
    regime.forget(state.arrays, slot, BANDS)
    if state.sensors[slot]["mode"] >= BANDS:
        level.forget(state.sensors[slot])
        state.sensors[slot]["mode"], state.sensors[slot]["regime"] = NO_MODE, NONE


def usable(entry: dict[str, Any]) -> bool:
    """False for an entry that no state can hold: every producer of readings may write a mark, and none may end the worker."""
    rule, stated = entry.get("run_state") or {}, entry.get("baseline") or {}
    times = [entry.get("settling_s"), entry.get("delay_on_s"), entry.get("delay_off_s"), rule.get("delay_s")]
    numbers = [rule.get("threshold"), rule.get("hysteresis"), stated.get("normal"), stated.get("sway"), entry["scale"], entry["offset"]]
    numbers += [share[name] for share in stated.get("drivers") or [] for name in ("slope", "centre")]
    names = [name for name in (entry["asset_id"], entry["sensor_id"]) if name is not None]
    return (
        all(1 <= len(name.encode()) <= NAME_BYTES_MAX for name in names)
        and all(value is None or 0.0 <= value <= TIME_S_MAX for value in times)
        and all(value is None or np.isfinite(value) for value in numbers)
        and (entry["kind"] == "asset" or entry["sensor_id"] is not None)
    )


def _believe(sensor: Record, at: int, reference: Record) -> None:
    """Take an accepted reference as the level of a sensor at fault: its fault is one from what it taught before."""
    if reference["accepted"] and sensor["regime"] == at and trouble.at_fault(sensor):
        sensor["level"], sensor["deviation"] = reference["normal"], 0.0


def _keep_scale(state: State, slot: int, until: int) -> None:
    """Remember the present scale for readings before `until`, behind those that end earlier."""
    record, count = state.sensors[slot], int(state.numbers[RESCALES])
    kept = [former for former in state.rescales[:count].tolist() if former[0] != slot or former[1] < until]
    kept = [*kept, (slot, until, float(record["scale"]), float(record["offset"]))][-RESCALES_MAX:]
    state.rescales[: len(kept)] = kept
    state.numbers[RESCALES] = len(kept)


def _tie(state: State, slot: int, entry: dict[str, Any]) -> None:
    """The sensor it can be compared with: a redundant one, else the first of the coupled ones, if it lives in this partition."""
    record = state.sensors[slot]
    record["tie"], record["partner"] = UNTIED, ALONE
    for places in state.awaited.values():
        places[:] = [each for each in places if each[:2] != (slot, "partner")]
    tie, name = (REDUNDANT, entry["redundant_with"]) if entry["redundant_with"] else (COUPLED, next(iter(entry["coupled_with"]), None))
    if name and name != entry["sensor_id"]:
        partner = find_sensor(state, name.encode())
        if partner == NONE:
            state.awaited.setdefault(name, []).append((slot, "partner", tie))
        else:
            place(state, slot, "partner", tie, partner)


def release(state: State, slot: int, entry: dict[str, Any]) -> None:
    """Let go of a sensor that an entry gives to an asset of another partition: nothing is expected of it here."""
    record = state.sensors[slot]
    record["known"], record["version"] = 1, entry["version"]
    record["state"], record["told"], record["ended"] = DECOMMISSIONED, 1, 1
    state.deeps.pop(slot, None)


def concludes(state: State, slot: int, entry: dict[str, Any]) -> bool:
    """True if what the sensor shows now ends with the entry: another asset, another scale, or nobody wants to know any more."""
    return leaves(state, slot, entry) or _rescaled(state.sensors[slot], entry) or entry["state"] in STATES[OUT_OF_SERVICE:]


def leaves(state: State, slot: int, entry: dict[str, Any]) -> bool:
    """True if the entry gives the sensor to another asset."""
    return bool(state.sensors[slot]["asset"] != find_asset(state, entry["asset_id"].encode()))


def is_newer(state: State, slot: int, entry: dict[str, Any]) -> bool:
    """True if the entry is newer than the one in force."""
    record = state.sensors[slot]
    return not record["known"] or entry["version"] > record["version"]


def _rescaled(record: Record, entry: dict[str, Any]) -> bool:
    return (record["scale"], record["offset"]) != (entry["scale"], entry["offset"])


def _life(record: Record, told: str | None) -> None:
    """A person's word on the state of a sensor counts; without one a described sensor learns until it is monitored."""
    record["told"] = told in STATES
    if told in STATES:
        record["state"] = STATES.index(told)
    elif record["state"] != MONITORED:
        record["state"] = LEARNING


def _asset(state: State, asset_id: str) -> int:
    name = asset_id.encode()
    slot = find_asset(state, name)
    return add_asset(state, name) if slot == NONE else slot
