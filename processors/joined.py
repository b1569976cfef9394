"""Readings and frames of an asset become one window: each partition of acquisition writes its own record of it.

A record waits for that of the other source, at most until a later window begins there: a function of the log, and of one kept record
for each asset and length. An asset with one source waits for nothing.
"""

from base64 import b64decode, b64encode
from typing import Any, Final

from processors.daily import OFF

Record = dict[str, Any]
State = dict[str, Any]

ALIVE: Final = 6  # windows since its newest after which nobody waits for a source
TRANSIENT: Final = "transient"


def empty() -> State:
    """Of one asset and length of windows, before its first record."""
    return {"seen": {}, "kept": None}


def whole(held: State, record: Record) -> list[Record]:
    """The windows, oldest first, that are whole with this record; changes `held` in place."""
    start, source = record["start"], f"{record['origin']['topic_id']}/{record['origin']['partition']}"
    if start <= held["seen"].get(source, start - 1):
        return [record]  # late: its window was judged
    oldest = start - ALIVE * record["window_s"] * 1_000_000
    held["seen"] = {other: at for other, at in held["seen"].items() if at >= oldest} | {source: start}
    kept, made = held["kept"], []
    if kept is not None:
        if kept["start"] > start:
            return [record]
        held["kept"] = None
        if kept["start"] < start:
            made.append(_unpacked(kept))
        else:
            record = _joined(_unpacked(kept), record)
    if any(at < start for at in held["seen"].values()):
        held["kept"] = _packed(record)
        return made
    return [*made, record]


def mode(first: str, second: str) -> str:
    """The mode of a window that two records name: the less steady one, and a named one before none.

    >>> mode("", "running"), mode("off", "running"), mode("off", "transient"), mode("", "")
    ('running', 'off', 'transient', '')
    """
    return max(first, second, key=lambda name: (name == TRANSIENT, name == OFF, name))


def _joined(first: Record, second: Record) -> Record:
    """One window of both; a sensor that is in both counts as the second has it."""
    fresh = [place for place, name in enumerate(first["sensors"]) if name not in set(second["sensors"])]
    made = {**second, "sensors": [*second["sensors"], *(first["sensors"][place] for place in fresh)]}
    for name, value in second.items():
        if isinstance(value, bytes):
            size = int(name[-1])  # mean_f8: eight bytes each
            made[name] = value + b"".join(first[name][size * place : size * (place + 1)] for place in fresh)
    return {
        **made,
        "mode": mode(first["mode"], second["mode"]),
        "historical": first["historical"] and second["historical"],
        "known_at": max(first["known_at"], second["known_at"]),
    }


def _packed(record: Record) -> State:
    """As JSON keeps it."""
    return {name: b64encode(value).decode() if isinstance(value, bytes) else value for name, value in record.items()}


def _unpacked(kept: State) -> Record:
    return {name: b64decode(value) if name[-3:] in {"_u4", "_f4", "_f8"} else value for name, value in kept.items()}
