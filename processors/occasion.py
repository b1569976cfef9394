"""Which spectra of frames are kept: one an hour of event time and sensor, and one whenever a level-1 condition begins or ends.

The frame whose own values begin or end the condition is the one that is kept; for a condition that a mark ended it is the next.
All that is remembered is one number per sensor of frames (State.spectra): the hour of its newest kept spectrum, or DUE.
"""

from typing import Any, Final

import numpy as np

from processors import envelope, spectrum
from processors.admission import Chunk
from processors.condition import DETECTORS, OFF, ON
from processors.declaration import mode_name
from processors.evidence import origin
from processors.frame import Frames
from processors.layout import KERNEL, Floats, Records
from processors.mode import word
from processors.options import Source
from processors.outcome import MODE_SHIFT, Flag
from processors.spectrum import LINES_MAX, Spectrum
from processors.state import State

HOUR_US: Final = 3_600_000_000
DUE: Final = -1  # the next frame is kept, whatever its hour
TELLING: Final = tuple(number for number, name in enumerate(DETECTORS) if name.startswith("level1/"))
MODES: Final = 7  # mask of the operating mode in the flags
BAD: Final = 0x80000000  # severity of the status
HIGHEST_HZ: Final = 1000.0  # spectra reach this far at least, if the rate does
SWING_MAX: Final = 1e6  # m/s2: nothing real is beyond, and its fourth power would be no number
SWING_MIN: Final = 1e-9  # a dead signal has no envelope

Found = tuple[Spectrum, envelope.Band | None]


class Occasions:
    """Keeps spectra of one partition.

    Args:
        source: the partition.
        frames: where the waveforms are.
    """

    def __init__(self, source: Source, frames: Frames) -> None:
        self._source, self._frames = source, frames
        self._noted = 0  # events of the chunk that were looked at
        self._kept: list[dict[str, Any]] = []

    def look(self, state: State, chunk: Chunk, events: Records, rows: Records, begin: int, end: int) -> None:
        """Look at the frames [begin, end) of a chunk, which were applied to the state just now: no mark stands between.

        `events` are those of the chunk so far; `rows` is what these frames became, in offset order.
        """
        for i in self._frames.waveforms(begin, end):
            if chunk.rejected[i]:
                continue
            self._note(state, events, i)
            row = rows[int(np.searchsorted(rows["offset"], chunk.offsets[i]))]
            name, ts = self._frames.name(i), int(row["ts"])
            newest = state.spectra.get(name)
            if row["status"] < BAD and (newest is None or ts // HOUR_US > newest):
                state.spectra[name] = ts // HOUR_US
                self._keep(state, chunk, row, i, "condition" if newest == DUE else "hour")

    def take(self, state: State, events: Records, count: int) -> list[dict[str, Any]]:
        """The Spectrum records of a chunk of `count` records that is finished."""
        self._note(state, events, count)
        kept, self._kept, self._noted = self._kept, [], 0
        return kept

    def _note(self, state: State, events: Records, until: int) -> None:
        """Conditions that records up to `until` began or ended make the next frame of their sensor due."""
        while self._noted < len(events) and events[self._noted]["cause"] <= until:
            event = events[self._noted]
            self._noted += 1
            sensor = state.sensor_names[event["slot"]].rpartition(":")[0]
            if event["phase"] in (ON, OFF) and event["detector"] in TELLING and sensor in state.spectra:
                state.spectra[sensor] = DUE

    def _keep(self, state: State, chunk: Chunk, row: Any, i: int, occasion: str) -> None:  # noqa: ANN401  an element of a structured array
        asset = int(state.sensors[row["sensor"]]["asset"])
        number = int(row["flags"]) >> MODE_SHIFT & MODES
        named = mode_name(state, number, word(state.assets[asset], number))
        values, rate_hz = self._frames.waveform(state, i)
        for nth, (found, band) in enumerate(spectra(values, rate_hz)):
            record = spectrum.record(state.asset_names[asset], self._frames.name(i), int(row["ts"]), found)
            record |= {
                "known_at": int(chunk.known_at[i]),
                "historical": bool(row["flags"] & Flag.HISTORICAL),
                "mode": named,
                "occasion": occasion,
                "rate_hz": rate_hz,
                "size": len(values),
                "band_low_hz": band.low_hz if band else None,
                "band_high_hz": band.high_hz if band else None,
                "kernel": KERNEL,
                "origin": origin(self._source, int(chunk.offsets[i]), nth),
            }
            self._kept.append(record)


def spectra(values: Floats, rate_hz: float) -> list[Found]:
    """Spectra of the velocity and of the envelope of an acceleration waveform, at most 1600 lines each.

    They reach as far as 1600 lines do, but at least to 1000 Hz: longer frames have their neighbours joined.
    None for values that no machine shows; no envelope where the rate leaves no band for it, or the signal is dead.

    >>> t = np.arange(8192) / 8192
    >>> [(found.kind, len(found.amplitude)) for found, _ in spectra(np.sin(2 * np.pi * 50 * t), 8192.0)]
    [('velocity', 1600), ('envelope', 1350)]
    """
    swing = float(np.max(values) - np.min(values))
    if not swing < SWING_MAX:
        return []
    found: list[Found] = [(spectrum.spectrum(values, rate_hz, "velocity"), None)]
    beating = envelope.envelope(values, rate_hz) if swing > SWING_MIN else envelope.NoEnvelope("the signal is dead")
    if isinstance(beating, envelope.Envelope):
        found.append((beating.spectrum, beating.band))
    return [(spectrum.compact(each, max(HIGHEST_HZ, LINES_MAX * each.df_hz)), band) for each, band in found]
