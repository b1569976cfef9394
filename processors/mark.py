"""Marks: everything but readings that changes a score. Applied where they stand in the log."""

from collections.abc import Iterator
from typing import Any

from processors import ensemble, tick, window
from processors.batch import Output
from processors.catalogue import (
    concludes,
    describe_asset,
    describe_reference,
    describe_sensor,
    forget,
    forget_modes,
    is_newer,
    leaves,
    release,
    usable,
)
from processors.declaration import modes_changed
from processors.identity import add_asset, find_asset, find_sensor
from processors.layout import ASSETS, CONDITIONS, HISTORY, NONE, REGIMES, SENSORS, TICK, WINDOWS_S
from processors.options import Source, changed
from processors.refusal import key_problem
from processors.state import State


def apply_mark(state: State, source: Source, record: dict[str, Any], known_at_us: int, cause: int, output: Output) -> None:
    """Change the state as a mark says; one that is not newer than the last of its kind and subject does nothing.

    Args:
        state: changed in place.
        source: the partition; a mark about an asset of another one does nothing.
        record: the decoded Mark.
        known_at_us: its Kafka timestamp.
        cause: its index in the chunk.
        output: where events go; has the room that `room_for_mark` asks for.
    """
    kind, version = record["kind"], int(record["version"])
    if kind == "tick":
        second = known_at_us // 1_000_000  # the broker's, as a writer's clock may be wrong; several writers tick once
        if second > state.numbers[TICK]:
            state.numbers[TICK] = second
            tick.tick(state.arrays, state.parameters, known_at_us, cause, output)
        return
    if kind == "catalogue":
        _catalogue(state, source, record["entry"], known_at_us, cause, output)
        return
    name = f"{kind} {record['subject']}"
    if version <= state.versions.get(name, NONE):
        return
    state.versions[name] = version
    if kind == "parameters":
        state.adopt(changed(state.options, record["parameters"] or {}))
    elif kind == "history":
        _history(state, source, record["subject"], int(record["ts"] or 0))
    else:
        _end_or_reset(state, record["subject"], kind == "reset", known_at_us, cause, output)


def room_for_mark(state: State) -> tuple[int, int]:
    """Events and cells that one mark may need: all sensors at once.

    >>> from processors.options import Options
    >>> room_for_mark(State(Options()))
    (0, 0)
    """
    sensors = int(state.numbers[SENSORS])
    assets = 2 * int(state.numbers[ASSETS])
    return (CONDITIONS + 1) * sensors + int(state.numbers[REGIMES]) + len(state.deeps) + assets, len(WINDOWS_S) * sensors


def _catalogue(state: State, source: Source, entry: dict[str, Any] | None, known_at_us: int, cause: int, output: Output) -> None:
    if entry is None or not usable(entry):
        return
    here = not key_problem(entry["asset_id"].encode(), source)
    if entry["kind"] == "baseline":
        if here and entry["baseline"]:
            describe_reference(state, entry)
    elif entry["kind"] == "sensor":
        _sensor(state, entry, here, known_at_us, cause, output)
    elif entry["kind"] == "asset" and here:
        _asset(state, entry, known_at_us, cause, output)


def _asset(state: State, entry: dict[str, Any], known_at_us: int, cause: int, output: Output) -> None:
    """What is said of a mode, a stop or a share of a driver ends in front of a change that takes its meaning."""
    asset = find_asset(state, entry["asset_id"].encode())
    if asset != NONE and entry["version"] > state.assets[asset]["version"]:
        tick.conclude_asset(state.arrays, asset, known_at_us, cause, output)
        modes, drivers = modes_changed(state, asset, entry)
        for slot in list(_sensors(state, f"asset/{entry['asset_id']}")) if modes or drivers else []:
            _conclude(state, slot, known_at_us, cause, output)
            if drivers:
                forget(state, slot)
            forget_modes(state, slot)
    describe_asset(state, entry)


def _sensor(state: State, entry: dict[str, Any], here: bool, known_at_us: int, cause: int, output: Output) -> None:
    """Conditions end in front of a change that takes their meaning, and so do the windows of an asset that loses a sensor."""
    slot = find_sensor(state, entry["sensor_id"].encode())
    if slot == NONE:
        if here:
            describe_sensor(state, entry)
        return
    if not is_newer(state, slot, entry):
        return
    if not (here and entry["deep"]):
        ensemble.conclude(state, slot, known_at_us, cause, output)
    if concludes(state, slot, entry):
        _conclude(state, slot, known_at_us, cause, output)
    if leaves(state, slot, entry):
        window.flush(state.arrays, int(state.sensors[slot]["asset"]), cause)
    if here:
        describe_sensor(state, entry)
    else:
        release(state, slot, entry)


def _history(state: State, source: Source, subject: str, ts: int) -> None:
    kind, _, name = subject.partition("/")
    if not kind:
        state.numbers[HISTORY] = ts
    elif kind == "asset" and not key_problem(name.encode(), source):
        asset = find_asset(state, name.encode())
        state.assets[add_asset(state, name.encode()) if asset == NONE else asset]["history"] = ts


def _end_or_reset(state: State, subject: str, reset: bool, known_at_us: int, cause: int, output: Output) -> None:
    """End: nothing more is expected of the subject. Reset: forget what its sensors taught."""
    for slot in _sensors(state, subject):
        _conclude(state, slot, known_at_us, cause, output)
        if reset:
            forget(state, slot)
        else:
            state.sensors[slot]["ended"] = 1
    if not reset:
        for asset in _assets(state, subject):
            tick.conclude_asset(state.arrays, asset, known_at_us, cause, output)
            window.flush(state.arrays, asset, cause)


def _conclude(state: State, slot: int, known_at_us: int, cause: int, output: Output) -> None:
    """End all that is said of a sensor now."""
    tick.conclude(state.arrays, slot, known_at_us, cause, output)
    ensemble.conclude(state, slot, known_at_us, cause, output)


def _sensors(state: State, subject: str) -> Iterator[int]:
    """Slots of the sensors of a subject, ascending."""
    kind, _, name = subject.partition("/")
    if not kind:
        yield from range(int(state.numbers[SENSORS]))
    elif kind == "sensor":
        slot = find_sensor(state, name.encode())
        yield from [slot] if slot != NONE else []
    else:
        asset = find_asset(state, name.encode())
        slot = int(state.assets[asset]["first"]) if asset != NONE else NONE
        while slot != NONE:
            yield slot
            slot = int(state.sensors[slot]["sibling"])


def _assets(state: State, subject: str) -> list[int]:
    """Slots of the assets a subject names as a whole."""
    kind, _, name = subject.partition("/")
    if not kind:
        return list(range(int(state.numbers[ASSETS])))
    asset = find_asset(state, name.encode()) if kind == "asset" else NONE
    return [asset] if asset != NONE else []
