"""From the arrays of kernels to complete Avro records: Evidence and Features."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from processors.condition import ABOUT_SENSOR, DETECTORS, KINDS, PHASES
from processors.options import Source
from processors.state import BY_EXCEPTION, CELLS, HISTORY, KERNEL, NONE, WINDOWS_S, Longs, Records, State

COLUMNS: Final = {  # feature -> packed field
    "n": "n_u4",
    "good": "good_f4",
    "mean": "mean_f8",
    "std": "std_f8",
    "low": "min_f8",
    "high": "max_f8",
    "first": "first_f8",
    "last": "last_f8",
    "slope": "slope_f8",
    "rms": "rms_f8",
    "range": "peak_to_peak_f8",
    "kurtosis": "kurtosis_f8",
    "crest": "crest_f8",
    "surprise": "surprise_f4",
}
OF_VARIANCE: Final = ("std", "kurtosis", "crest")  # refused by exception: such readings are no fair sample
ROUNDING: Final = 1e-12  # variance below this share of the mean square deviation from the shift is rounding


def evidence(state: State, source: Source, events: Records, offsets: Longs, known_at: Longs) -> list[dict[str, Any]]:
    """Evidence records of events, in their order; `cause` of an event points into offsets and known_at."""
    return [
        _evidence(state, event, int(known_at[event["cause"]]), _origin(source, int(offsets[event["cause"]]), n))
        for event, n in zip(events, nth(events["cause"]).tolist(), strict=True)
    ]


def features(state: State, source: Source, offsets: Longs, known_at: Longs) -> list[dict[str, Any]]:
    """Features records of the closed cells of the pool, in order of (closing offset, asset, length, start)."""
    cells = state.cells[: int(state.numbers[CELLS])]
    cells = cells[cells["cause"] != NONE]
    if len(cells) == 0:
        return []
    cells = cells[np.lexsort((cells["slot"], cells["start"], cells["length"], cells["asset"], cells["cause"]))]
    same = np.ones(len(cells), np.bool_)
    for field in ("cause", "asset", "length", "start"):
        same[1:] &= cells[field][1:] == cells[field][:-1]
    same[0] = False
    begins = np.flatnonzero(~same)
    ends = np.append(begins[1:], len(cells)).tolist()
    packed = {COLUMNS[name]: (column.tobytes(), column.itemsize) for name, column in _columns(state, cells).items()}
    names = [state.name(record) for record in state.sensors[cells["slot"]]]
    return [
        _features(state, cells[begin], int(known_at[cells["cause"][begin]]), _origin(source, int(offsets[cells["cause"][begin]]), n))
        | {"sensors": names[begin:end]}
        | {field: raw[begin * size : end * size] for field, (raw, size) in packed.items()}
        for begin, end, n in zip(begins.tolist(), ends, nth(cells["cause"][begins]).tolist(), strict=True)
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


def _evidence(state: State, event: Any, known_at_us: int, origin: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  an element of a structured array
    sensor = state.sensors[event["slot"]]
    detector = DETECTORS[event["detector"]]
    return {
        "asset_id": state.name(state.assets[sensor["asset"]]),
        "sensor_id": state.name(sensor),
        "gateway": state.words[sensor["gateway"]],
        "detector": detector,
        "kind": KINDS[event["kind"]],
        "subject": "sensor" if ABOUT_SENSOR[event["detector"]] else "machine",
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
        "mode": "",
        "model": f"{detector}/{KERNEL}",
        "contributions": {},
        "origin": origin,
    }


def _features(state: State, cell: Any, known_at_us: int, origin: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  the same
    asset = state.assets[cell["asset"]]
    window_s = WINDOWS_S[cell["length"]]
    end_us = int(cell["start"]) + window_s * 1_000_000
    return {
        "asset_id": state.name(asset),
        "window_s": window_s,
        "start": int(cell["start"]),
        "known_at": known_at_us,
        "historical": end_us <= max(int(asset["history"]), int(state.numbers[HISTORY])),
        "mode": "",
        "kernel": KERNEL,
        "origin": origin,
    }


def _columns(state: State, cells: Records) -> dict[str, npt.NDArray[Any]]:
    """Features of cells, by name; NaN where a window has no value or the feature is not defined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(cells["n"] > 0, cells["n"], np.nan)
        m1, m2, m3, m4 = (cells[field] / n for field in ("s1", "s2", "s3", "s4"))
        variance = np.maximum(m2 - m1 * m1, 0.0)
        variance[variance <= ROUNDING * m2] = 0.0
        mean = cells["shift"] + m1
        rms = np.sqrt(mean * mean + variance)
        fourth = m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1**4
        spread_t = cells["t2"] - cells["t1"] * cells["t1"] / n
        found = {
            "n": cells["n"].astype("<u4"),
            "good": (cells["good"] / cells["total"]).astype("<f4"),
            "mean": mean,
            "std": np.sqrt(variance),
            **{field: np.where(cells["n"] > 0, cells[field], np.nan) for field in ("low", "high", "first", "last")},
            "slope": np.where(spread_t > 0, (cells["tx"] - cells["t1"] * m1) / spread_t, np.nan),
            "rms": rms,
            "range": np.where(cells["n"] > 0, cells["high"] - cells["low"], np.nan),
            "kurtosis": np.where(variance > 0, fourth / (variance * variance), np.nan),
            "crest": np.where(rms > 0, np.maximum(np.abs(cells["low"]), np.abs(cells["high"])) / rms, np.nan),
            "surprise": cells["surprise"].astype("<f4"),
        }
    by_exception = state.sensors["reporting"][cells["slot"]] == BY_EXCEPTION
    for name in OF_VARIANCE:
        found[name][by_exception] = np.nan
    return found


def _origin(source: Source, offset: int, n: int) -> dict[str, Any]:
    return {"topic_id": source.topic_id, "partition": source.partition, "offset": offset, "nth": n}
