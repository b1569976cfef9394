"""From the events of kernels to Evidence records."""

from typing import Any

import numpy as np
import numpy.typing as npt

from processors.condition import DETECTORS, KINDS, PHASES, RATE_OF_CHANGE
from processors.declaration import mode_name
from processors.layout import KERNEL, Longs, Records
from processors.options import Source
from processors.state import State


def evidence(state: State, source: Source, events: Records, offsets: Longs, known_at: Longs) -> list[dict[str, Any]]:
    """Evidence records of events, in their order; `cause` of an event points into offsets and known_at."""
    return [
        _evidence(state, event, int(known_at[event["cause"]]), origin(source, int(offsets[event["cause"]]), n))
        for event, n in zip(events, nth(events["cause"]).tolist(), strict=True)
    ]


def nth(causes: npt.NDArray[Any]) -> Longs:
    """Number of each output among those of the same input; outputs of one input stand together.

    >>> nth(np.array([4, 4, 7])).tolist()
    [0, 1, 0]
    """
    place = np.arange(len(causes))
    begins = np.zeros(len(causes), np.int64)
    begins[1:] = np.where(causes[1:] != causes[:-1], place[1:], 0)
    return place - np.maximum.accumulate(begins)


def _evidence(state: State, event: Any, known_at_us: int, caused_by: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  an element of a structured array
    detector = DETECTORS[event["detector"]]
    return {
        "asset_id": state.asset_names[event["asset"]],
        "sensor_id": state.sensor_names[event["slot"]],
        "gateway": state.words[event["gateway"]],
        "detector": detector,
        "kind": KINDS[event["kind"]],
        "subject": "sensor" if event["kind"] >= RATE_OF_CHANGE else "machine",
        "phase": PHASES[event["phase"]],
        "ts": int(event["ts"]),
        "since": int(event["since"]),
        "known_at": known_at_us,
        "value": float(event["value"]),
        "expected": float(event["expected"]),
        "surprise": float(event["surprise"]),
        "threshold": float(event["threshold"]),
        "severity": int(event["severity"]),
        "historical": bool(event["historical"]),
        "mode": mode_name(state, int(event["mode"]), int(event["word"])),
        "model": f"{detector}/{KERNEL}",
        "contributions": {},
        "origin": caused_by,
    }


def origin(source: Source, offset: int, n: int) -> dict[str, Any]:
    """Where the input stood that caused an output, and which of its outputs this is."""
    return {"topic_id": source.topic_id, "partition": source.partition, "offset": offset, "nth": n}
