"""From names to slots: open addressing over FNV-1a hashes, always confirmed by the bytes themselves."""

import numpy as np
from numba import njit

from processors.layout import ALONE, ASSETS, CATALOGUED, NEVER, NONE, PLAIN, SENSORS, TEXT, UNSTATED, Bytes, Record, Records, Slots
from processors.quantity import NATURES, infer
from processors.state import State, grown


@njit(cache=True, nogil=True)
def digest(buffer: Bytes, start: int, end: int) -> np.uint64:
    """FNV-1a of buffer[start:end]."""
    value = np.uint64(14695981039346656037)
    for at in range(start, end):
        value = (value ^ np.uint64(buffer[at])) * np.uint64(1099511628211)
    return value


@njit(cache=True, nogil=True)
def equal(text: Bytes, name: int, size: int, buffer: Bytes, start: int, end: int) -> bool:
    """True if text[name : name + size] and buffer[start:end] are the same bytes."""
    if size != end - start:
        return False
    for at in range(size):  # noqa: SIM110  numba has no all()
        if text[name + at] != buffer[start + at]:
            return False
    return True


@njit(cache=True, nogil=True)
def find(index: Slots, records: Records, text: Bytes, buffer: Bytes, start: int, end: int) -> int:
    """Slot of the name buffer[start:end] among sensors or assets, -1 if it is new."""
    value = digest(buffer, start, end)
    mask = len(index) - 1
    at = np.int64(value & np.uint64(mask))
    while index[at] != NONE:
        slot = index[at]
        if records[slot].hash == np.uint32(value) and equal(text, records[slot].name, records[slot].name_bytes, buffer, start, end):
            return np.int64(slot)  # type: ignore[return-value]
        at = (at + 1) & mask
    return np.int64(NONE)  # type: ignore[return-value]


@njit(cache=True, nogil=True)
def enter(index: Slots, records: Records, slots: int) -> None:
    """Put the records of the first `slots` slots into an empty index."""
    mask = len(index) - 1
    for slot in range(slots):
        at = np.int64(records[slot].hash & np.uint64(mask))
        while index[at] != NONE:
            at = (at + 1) & mask
        index[at] = slot


def find_sensor(state: State, name: bytes) -> int:
    """Slot of a sensor, -1 if it is unknown."""
    return int(find(state.sensor_index, state.sensors, state.text, np.frombuffer(name, np.uint8), 0, len(name)))


def find_asset(state: State, name: bytes) -> int:
    """Slot of an asset, -1 if it is unknown."""
    return int(find(state.asset_index, state.assets, state.text, np.frombuffer(name, np.uint8), 0, len(name)))


def add_asset(state: State, name: bytes) -> int:
    """Slot of a new asset."""
    slot = int(state.numbers[ASSETS])
    state.assets = grown(state.assets, slot + 1)
    record = state.assets[slot]
    _name(state, record, name)
    state.asset_names.append(name.decode())
    record["first"] = record["cell"] = record["cell_last"] = record["rule"] = record["demand"] = NONE
    record["wanted"] = np.nan
    record["settling"] = UNSTATED
    state.numbers[ASSETS] += 1
    state.asset_index = _indexed(state.asset_index, state.assets, slot)
    return slot


def add_sensor(state: State, name: bytes, asset: int) -> int:
    """Slot of a new sensor of an asset, discovered and without a catalogue entry."""
    slot = int(state.numbers[SENSORS])
    state.sensors = grown(state.sensors, slot + 1)
    record = state.sensors[slot]
    _name(state, record, name)
    state.sensor_names.append(name.decode())
    blank(record)
    record["nature"] = NATURES.get(infer(name.decode()), PLAIN)
    link(state, slot, asset)
    state.numbers[SENSORS] += 1
    state.sensor_index = _indexed(state.sensor_index, state.sensors, slot)
    for owner, field, k in state.awaited.pop(state.sensor_names[slot], ()):
        place(state, owner, field, k, slot)
    return slot


def place(state: State, owner: int, field: str, k: int, slot: int) -> None:
    """Write down which sensor tells the run rule, demand, band or driver number k of an asset, or is the partner of a sensor by tie k."""
    if field == "rule":
        state.assets[owner]["rule"] = slot
    elif field == "bands":
        state.assets[owner]["bands"]["slot"][k] = slot
    elif field == "demand":
        state.assets[owner]["demand"] = slot
    elif field == "driver":
        state.assets[owner]["driver"][k] = slot
    elif slot < ALONE:
        state.sensors[owner]["partner"], state.sensors[owner]["tie"] = slot, k


def blank(record: Record) -> None:
    """What a sensor is before anybody described it."""
    for field in CATALOGUED:
        record[field] = np.nan
    record["scale"] = 1.0
    record["newest"] = record["sound"] = record["born"] = NEVER
    record["regime"] = record["regimes"] = NONE
    record["settling"] = UNSTATED
    record["partner"] = ALONE
    record["delay_off"] = np.nan


def link(state: State, slot: int, asset: int) -> None:
    """Append a sensor to the chain of its asset."""
    owner = state.assets[asset]
    state.sensors[slot]["asset"] = asset
    state.sensors[slot]["sibling"] = NONE
    owner["sensors"] += 1
    if owner["first"] == NONE:
        owner["first"] = slot
        return
    last = int(owner["first"])
    while state.sensors[last]["sibling"] != NONE:
        last = int(state.sensors[last]["sibling"])
    state.sensors[last]["sibling"] = slot


def move(state: State, slot: int, asset: int) -> None:
    """Take a sensor out of the chain of its asset and append it to another's; its open windows end unfinished."""
    owner = state.assets[state.sensors[slot]["asset"]]
    after = int(state.sensors[slot]["sibling"])
    if owner["first"] == slot:
        owner["first"] = after
    else:
        before = int(owner["first"])
        while state.sensors[before]["sibling"] != slot:
            before = int(state.sensors[before]["sibling"])
        state.sensors[before]["sibling"] = after
    owner["sensors"] -= 1
    state.sensors["windows"][slot] = 0
    link(state, slot, asset)


def reindex(state: State) -> None:
    """Build indexes and lists of names anew, after a snapshot was read."""
    for kind, counter in (("sensor", SENSORS), ("asset", ASSETS)):
        count = int(state.numbers[counter])
        records = getattr(state, f"{kind}s")
        index = np.full(_size(count), NONE, np.int32)
        enter(index, records, count)
        setattr(state, f"{kind}_index", index)
        setattr(state, f"{kind}_names", [_read(state, record) for record in records[:count]])


def _name(state: State, record: Record, name: bytes) -> None:
    at = int(state.numbers[TEXT])
    state.text = grown(state.text, at + len(name))
    state.text[at : at + len(name)] = np.frombuffer(name, np.uint8)
    state.numbers[TEXT] += len(name)
    record["name"], record["name_bytes"] = at, len(name)
    record["hash"] = np.uint32(digest(state.text, at, at + len(name)) & np.uint64(0xFFFFFFFF))


def _read(state: State, record: Record) -> str:
    return state.text[record["name"] : record["name"] + record["name_bytes"]].tobytes().decode()


def _size(count: int) -> int:
    """Slots of an index for `count` names: a power of two, at most half full."""
    return max(64, 1 << (2 * count).bit_length())


def _indexed(index: Slots, records: Records, slot: int) -> Slots:
    """The index with one more name, rebuilt twice as large when it is half full."""
    if _size(slot + 1) > len(index):
        index = np.full(_size(slot + 1), NONE, np.int32)
        enter(index, records, slot + 1)
        return index
    at = int(records[slot]["hash"]) & (len(index) - 1)
    while index[at] != NONE:
        at = (at + 1) & (len(index) - 1)
    index[at] = slot
    return index
