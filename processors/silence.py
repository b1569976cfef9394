"""Silence, grouped: many sensors that fall silent together are one case of their gateway, not hundreds of theirs.

All silence evidence of the plant stands in one partition. A batch is collected for a few seconds of log time (ticks),
then becomes one grouped episode of the gateway (or of the plant when several gateways are concerned), or one episode
per asset when too few sensors are concerned to blame anything they share.
"""

from typing import Any, Final

from processors import anomaly

Record = dict[str, Any]
State = dict[str, Any]

KIND: Final = "silent"
KEY: Final = "plant"  # Kafka key of all silence evidence, and the subject of a case that spans gateways
COLLECT_US: Final = 5_000_000
GROUP_SENSORS_MIN: Final = 5
GROUP_ASSETS_MIN: Final = 2


def evidence(state: State, record: Record, known_at_us: int) -> list[Record]:
    """A sensor fell silent (on) or speaks again (off)."""
    waiting: State = state["silence"]
    if record["phase"] != "off":
        waiting.setdefault("first", known_at_us)
        waiting.setdefault("batch", {})[record["sensor_id"]] = record
        return []
    if waiting.get("batch", {}).pop(record["sensor_id"], None) is not None:
        _forget_empty(waiting)
        return []  # it spoke again before anybody was told
    key = waiting.get("where", {}).pop(record["sensor_id"], None)
    episode = state["open"].get(key)
    return [] if episode is None else anomaly.advance(state, key, episode, record, known_at_us)


def tick(state: State, mark: Record, known_at_us: int) -> list[Record]:
    """Time passed: publish the batch when it has been collected long enough."""
    del mark  # its version only keeps ticks apart; the log's own time decides
    waiting: State = state["silence"]
    if not waiting.get("batch") or known_at_us - waiting["first"] < COLLECT_US:
        return []
    batch = waiting.pop("batch")
    _forget_empty(waiting)
    outputs = []
    for asset_id, records in _groups(batch):
        grouped = len({record["asset_id"] for record in records}) if len(records) > 1 and asset_id != records[0]["asset_id"] else 0
        outputs.extend(_open(state, asset_id, records, grouped, known_at_us))
    return outputs


def _forget_empty(waiting: State) -> None:
    if not waiting.get("batch"):
        waiting.pop("batch", None)
        waiting.pop("first", None)


def _groups(batch: dict[str, Record]) -> list[tuple[str, list[Record]]]:
    """(subject, records) pairs in a fixed order: one for the whole batch, or one per asset."""
    records = [batch[sensor_id] for sensor_id in sorted(batch)]
    assets = sorted({record["asset_id"] for record in records})
    if len(records) >= GROUP_SENSORS_MIN and len(assets) >= GROUP_ASSETS_MIN:
        gateways = {record["gateway"] for record in records}
        return [(gateways.pop() or KEY if len(gateways) == 1 else KEY, records)]
    return [(asset_id, [record for record in records if record["asset_id"] == asset_id]) for asset_id in assets]


def _open(state: State, asset_id: str, records: list[Record], grouped: int, known_at_us: int) -> list[Record]:
    """Open the episode of the subject, or let the sensors join the one that is open."""
    key = f"silent/{asset_id}"
    # Two silences may follow the same newest reading (a repeated one in between moves nothing): arrival tells them apart.
    first = min(records, key=lambda record: (record["since"], record["sensor_id"]))
    episode = state["open"].get(key)
    phase = "open" if episode is None else "update"
    if episode is None:
        episode = state["open"][key] = anomaly.begin(first, asset_id=asset_id, begun_us=first["known_at"], grouped=grouped)
    where = state["silence"].setdefault("where", {})
    for record in records:
        anomaly.absorb(episode, record)
        where[record["sensor_id"]] = key
    episode["grouped"] = max(episode["grouped"], grouped)
    return [anomaly.publish(episode, phase, known_at_us)]
