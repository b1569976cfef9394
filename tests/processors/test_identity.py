import numpy as np

from processors.identity import add_asset, add_sensor, find, find_sensor, move
from processors.options import Options
from processors.snapshot import pack, unpack
from processors.state import State


def filled(sensors: int) -> State:
    state = State(Options())
    for i in range(sensors):
        if i % 10 == 0:
            add_asset(state, b"asset-%d" % (i // 10))
        add_sensor(state, b"sensor-%d" % i, i // 10)
    return state


def chain(state: State, asset: int) -> list[int]:
    slot, slots = int(state.assets[asset]["first"]), []
    while slot >= 0:
        slots.append(slot)
        slot = int(state.sensors[slot]["sibling"])
    return slots


def test_names_are_found_while_everything_grows() -> None:
    state = filled(3000)
    assert [find_sensor(state, b"sensor-%d" % i) for i in range(3000)] == list(range(3000))
    assert find_sensor(state, b"sensor-3000") == -1


def test_a_hash_alone_is_no_match() -> None:
    state = filled(2)
    name = np.frombuffer(b"sensor-1", np.uint8)
    state.sensors[0]["hash"] = state.sensors[1]["hash"]  # a collision in the same place of the index
    state.sensor_index[:] = -1
    at = int(state.sensors[1]["hash"]) & (len(state.sensor_index) - 1)
    state.sensor_index[at], state.sensor_index[(at + 1) % len(state.sensor_index)] = 0, 1
    assert find(state.sensor_index, state.sensors, state.text, name, 0, 8) == 1


def test_a_restored_state_finds_the_same_names() -> None:
    restored = unpack(pack(filled(777)))
    assert [find_sensor(restored, b"sensor-%d" % i) for i in range(777)] == list(range(777))
    assert restored.sensor_names[776] == "sensor-776"
    assert add_sensor(restored, b"new", 3) == 777


def test_chains_hold_what_belongs_together() -> None:
    state = filled(30)
    move(state, 10, 0)
    move(state, 19, 0)
    move(state, 15, 2)
    assert [chain(state, asset) for asset in range(3)] == [
        [*range(10), 10, 19],
        [11, 12, 13, 14, 16, 17, 18],
        [*range(20, 30), 15],
    ]
    assert [int(state.assets[asset]["sensors"]) for asset in range(3)] == [12, 7, 11]
