"""From the arrays of kernels to complete Avro records: Evidence and Features."""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from processors.condition import ABOUT_SENSOR, DETECTORS, KINDS, PHASES
from processors.options import Source
from processors.state import CELLS, KERNEL, NONE, WINDOWS_S, Longs, Records, State

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
    begins = _begins(cells)
    spans = list(pairwise([*begins.tolist(), len(cells)]))
    heads = cells[begins]
    names = [state.sensor_names[slot] for slot in cells["slot"].tolist()]
    columns: dict[str, list[Any]] = {
        **_heads(state, source, heads, offsets, known_at),
        "sensors": [names[begin:end] for begin, end in spans],
    }
    for name, column in _columns(cells).items():
        raw, size = column.tobytes(), column.itemsize
        columns[COLUMNS[name]] = [raw[begin * size : end * size] for begin, end in spans]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _begins(cells: Records) -> Longs:
    """Places where a new record begins in sorted cells."""
    new = np.zeros(len(cells), np.bool_)
    new[0] = True
    for field in ("cause", "asset", "length", "start"):
        new[1:] |= cells[field][1:] != cells[field][:-1]
    return np.flatnonzero(new)


def _heads(state: State, source: Source, heads: Records, offsets: Longs, known_at: Longs) -> dict[str, list[Any]]:
    """The fields that all cells of a record share, as columns; `heads` holds the first cell of each record."""
    window_s = np.array(WINDOWS_S)[heads["length"]]
    count, causes = len(heads), heads["cause"]
    return {
        "asset_id": [state.asset_names[slot] for slot in heads["asset"].tolist()],
        "window_s": window_s.tolist(),
        "start": heads["start"].tolist(),
        "known_at": known_at[causes].tolist(),
        "historical": heads["historical"].astype(np.bool_).tolist(),
        "mode": [""] * count,
        "kernel": [KERNEL] * count,
        "origin": [_origin(source, offset, n) for offset, n in zip(offsets[causes].tolist(), nth(causes).tolist(), strict=True)],
    }


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
    detector = DETECTORS[event["detector"]]
    return {
        "asset_id": state.asset_names[event["asset"]],
        "sensor_id": state.sensor_names[event["slot"]],
        "gateway": state.words[event["gateway"]],
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


def _columns(cells: Records) -> dict[str, npt.NDArray[Any]]:
    """Features of cells, by name; NaN where a window has no value or the feature is not defined."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):  # a value of 1e300 has no fourth power, and may still come
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
    for name in OF_VARIANCE:
        found[name][cells["by_exception"] == 1] = np.nan
    return found


def _origin(source: Source, offset: int, n: int) -> dict[str, Any]:
    return {"topic_id": source.topic_id, "partition": source.partition, "offset": offset, "nth": n}
