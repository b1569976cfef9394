"""Vibration of bearings run to failure: one row of features for each recording, the same for every set and for generated lives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.table import FloatArray, Table
from processors import waveform
from processors.envelope import NoEnvelope, envelope

G_M_S2: Final = 9.80665
KERNELS: Final = {  # ours: of processors/waveform.py
    "rms_m_s2": "acceleration_rms",
    "peak_m_s2": "acceleration_peak",
    "kurtosis": "kurtosis",
    "crest": "crest",
    "velocity_mm_s": "velocity_rms",
    "low_band_m_s2": "band_low",
    "mid_band_m_s2": "band_mid",
    "high_band_m_s2": "band_high",
}
NAMES: Final = (*KERNELS, "envelope_kurtosis")
REMAINING: Final = "remaining_min"


@dataclass(frozen=True, slots=True)
class Life:
    """One bearing: features (n, names) of its recordings, their minutes since the first, and targets (n,) by name."""

    name: str
    rows: FloatArray
    minutes: FloatArray
    targets: Mapping[str, FloatArray]


def features(channels: FloatArray, rate_hz: float) -> FloatArray:
    """Features of one recording, (names,): of several directions at one bearing the largest of each.

    Args:
        channels: acceleration in m/s2, (values, directions), finite, 0.3 s or more.
        rate_hz: values per second.

    """
    found = np.array([_direction(values, rate_hz) for values in np.ascontiguousarray(channels.T)])
    return np.asarray(found.max(axis=0), np.float64)


def table(lives: Sequence[Life]) -> Table:
    """All bearings behind each other; time in minutes since the first recording of each."""
    rows = np.concatenate([life.rows for life in lives])
    return Table(
        dict(zip(NAMES, rows.T.copy(), strict=True)),
        {name: np.concatenate([life.targets[name] for life in lives]) for name in lives[0].targets},
        np.repeat(np.arange(len(lives)), [len(life.rows) for life in lives]),
        np.concatenate([life.minutes for life in lives]),
        "min",
        tuple(life.name for life in lives),
    )


def _direction(values: FloatArray, rate_hz: float) -> list[float]:
    known, found = waveform.features(values, rate_hz), envelope(values, rate_hz)
    if isinstance(found, NoEnvelope):
        raise ValueError(found.reason)  # noqa: TRY004  the caller's rate is wrong, not a type
    return [*(known[name] for name in KERNELS.values()), found.band.kurtosis]
