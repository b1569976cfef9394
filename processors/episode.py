"""Detection: turns evidence into episodes, a pure step over the records of one partition.

An episode is everything one asset shows at one time: it opens with the first evidence, is updated a bounded number of
times and closes with its last `off`. The quiet time stands in that `off` already (the data plane waits for it in event
time), so nothing here depends on when a record arrived; only the absence of records is judged by ticks: silence, and a level-2
condition that nobody repeats (processors/lapse.py).
"""

from typing import Any

from processors import anomaly, lapse, silence
from schemas.identifiers import deterministic_id

Record = dict[str, Any]
State = dict[str, Any]


def empty() -> State:
    """State of one partition before its first record: JSON-able, grows with open episodes only.

    >>> empty()
    {'open': {}, 'silence': {}}
    """
    return {"open": {}, "silence": {}}


def step(state: State, record: Record, *, schema: str, known_at_us: int, origin: Record) -> list[Record]:
    """Episode steps (Anomaly records) that one Evidence or Mark record causes; changes `state` in place.

    Args:
        state: what `empty` returned, then what earlier calls left.
        record: the decoded record; times in microseconds since 1970-01-01 UTC.
        schema: "Evidence" or "Mark".
        known_at_us: Kafka timestamp of the record.
        origin: topic_id, partition and offset of the record.
    """
    if schema == "Mark":
        tick = record["kind"] == "tick"
        outputs = [*silence.tick(state, record, known_at_us), *lapse.tick(state, known_at_us)] if tick else []
    elif record["kind"] == silence.KIND:
        outputs = silence.evidence(state, record, known_at_us)
    else:
        outputs = _evidence(state, record, known_at_us)
    if not outputs:  # most evidence only moves figures: no id is computed for it
        return outputs
    cause = deterministic_id(origin["topic_id"], origin["partition"], origin["offset"])
    for nth, output in enumerate(outputs):
        output["causation_id"] = cause
        output["origin"] = {**origin, "nth": nth}
    return outputs


def _evidence(state: State, record: Record, known_at_us: int) -> list[Record]:
    key = _key(state, record)
    episode = state["open"].get(key)
    if lapse.concerns(record):
        lapse.note(state, key, record, known_at_us)
        if episode is not None and lapse.repeats(episode, record):
            episode["last"] = max(episode["last"], record["ts"])
            return []
    if episode is None:
        if record["phase"] == "off":
            return []  # the end of a condition whose episode closed for another reason
        begun_us = record["since"] if record["phase"] == "on" else record["ts"]  # the episode of its `on` is over: this is another
        episode = anomaly.begin(record, asset_id=record["asset_id"], begun_us=begun_us)
        state["open"][key] = episode
    return anomaly.advance(state, key, episode, record, known_at_us)


def _key(state: State, record: Record) -> str:
    """The episode a record belongs to: a sensor in doubt keeps its evidence from the machine."""
    own = f"sensor/{record['sensor_id']}"
    if record["subject"] == "sensor":
        return own
    machine = f"machine/{record['asset_id']}"
    if own not in state["open"]:
        return machine
    started_there = anomaly.condition(record) in state["open"].get(machine, {}).get("active", ())
    return machine if started_there else own
