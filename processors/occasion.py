"""What of frames is kept: a spectrum an hour of event time and sensor, and one whenever a level-1 condition begins or ends.

The frame whose own values begin or end the condition is the one that is kept; for a condition that a mark ended it is the next.
Where a condition began, the waveform itself is kept, too: it goes to the archive.
All that is remembered is one number per sensor of frames (State.spectra): the hour of its newest kept spectrum, or DUE;
and, from the begin of a condition to the frame that is kept for it, which one it was (State.begun).
"""

from typing import Any, Final

import numpy as np

from processors import envelope, spectrum
from processors.admission import Chunk
from processors.condition import DETECTORS, KINDS, OFF, ON
from processors.declaration import mode_name
from processors.evidence import origin
from processors.frame import Frames
from processors.layout import KERNEL, Floats, Records
from processors.mode import word
from processors.options import Source
from processors.outcome import MODE_SHIFT, Flag
from processors.spectrum import LINES_MAX, Spectrum
from processors.state import State
from schemas.identifiers import deterministic_id

HOUR_US: Final = 3_600_000_000
DUE: Final = -1  # the next frame is kept, whatever its hour
TELLING: Final = tuple(number for number, name in enumerate(DETECTORS) if name.startswith("level1/"))
MODES: Final = 7  # mask of the operating mode in the flags
BAD: Final = 0x80000000  # severity of the status
HIGHEST_HZ: Final = 1000.0  # spectra reach this far at least, if the rate does
SWING_MAX: Final = 1e6  # m/s2: nothing real is beyond, and its fourth power would be no number
SWING_MIN: Final = 1e-9  # a dead signal has no envelope
VALUES_MAX: Final = 220_000  # of a kept waveform: 880 kB, so that the record stays below 900 kB
UNIT: Final = "m/s2"  # what scale and offset of the catalogue make of a waveform

Found = tuple[Spectrum, envelope.Band | None]


class Occasions:
    """Keeps spectra and waveforms of one partition.

    Args:
        source: the partition.
        frames: where the waveforms are.
    """

    def __init__(self, source: Source, frames: Frames) -> None:
        self._source, self._frames = source, frames
        self._noted = 0  # events of the chunk that were looked at
        self._spectra: list[dict[str, Any]] = []
        self._waveforms: list[dict[str, Any]] = []

    def look(self, state: State, chunk: Chunk, events: Records, rows: Records, begin: int, end: int) -> None:
        """Look at the frames [begin, end) of a chunk, which were applied to the state just now: no mark stands between.

        `events` are those of the chunk so far; `rows` is what these frames became, in offset order.
        """
        for i in self._frames.waveforms(begin, end):
            if chunk.rejected[i]:
                continue
            name = self._frames.name(i)
            self._note(state, events, i, name)
            row = rows[int(np.searchsorted(rows["offset"], chunk.offsets[i]))]
            ts, newest = int(row["ts"]), state.spectra.get(name)
            if row["status"] < BAD and (newest is None or ts // HOUR_US > newest):
                state.spectra[name] = ts // HOUR_US
                self._keep(state, chunk, row, i, "condition" if newest == DUE else "hour")

    def take(self, state: State, events: Records, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The Spectrum and the Waveform records of a chunk of `count` records that is finished."""
        self._note(state, events, count)
        found = self._spectra, self._waveforms
        self._spectra, self._waveforms, self._noted = [], [], 0
        return found

    def _note(self, state: State, events: Records, until: int, first: str = "") -> None:
        """Conditions that records up to `until` began or ended make the next frame of their sensor due.

        `first` is the sensor of the frame `until`: no spectrum of it need be kept yet.
        """
        while self._noted < len(events) and events[self._noted]["cause"] <= until:
            event = events[self._noted]
            self._noted += 1
            derived = state.sensor_names[event["slot"]]
            sensor = derived.rpartition(":")[0]
            if event["detector"] not in TELLING or event["phase"] not in (ON, OFF):
                continue
            if sensor in state.spectra:
                state.spectra[sensor] = DUE
            if event["phase"] == ON and (sensor in state.spectra or (sensor and sensor == first)):
                state.begun.setdefault(sensor, [derived, DETECTORS[event["detector"]], KINDS[event["kind"]]])

    def _keep(self, state: State, chunk: Chunk, row: Any, i: int, occasion: str) -> None:  # noqa: ANN401  an element of a structured array
        asset, name, ts = int(state.sensors[row["sensor"]]["asset"]), self._frames.name(i), int(row["ts"])
        number = int(row["flags"]) >> MODE_SHIFT & MODES
        values, rate_hz = self._frames.waveform(state, i)
        about: dict[str, Any] = {
            "asset_id": state.asset_names[asset],
            "sensor_id": name,
            "ts": ts,
            "known_at": int(chunk.known_at[i]),
            "historical": bool(row["flags"] & Flag.HISTORICAL),
            "mode": mode_name(state, number, word(state.assets[asset], number)),
            "size": len(values),
            "kernel": KERNEL,
        }
        for nth, (found, band) in enumerate(spectra(values, rate_hz)):
            record = spectrum.record(about["asset_id"], name, ts, found)
            record |= about | {
                "occasion": occasion,
                "rate_hz": rate_hz,
                "band_low_hz": band.low_hz if band else None,
                "band_high_hz": band.high_hz if band else None,
                "origin": origin(self._source, int(chunk.offsets[i]), nth),
            }
            self._spectra.append(record)
        if condition := state.begun.pop(name, None):
            self._waveforms.append(about | waveform(values, rate_hz, condition, origin(self._source, int(chunk.offsets[i]), 0)))


def waveform(values: Floats, rate_hz: float, condition: list[str], caused_by: dict[str, Any]) -> dict[str, Any]:
    """What is archived of a waveform: its values as little-endian float32, the first ones of a longer frame.

    Args:
        values: acceleration in m/s2.
        rate_hz: values per second.
        condition: the derived sensor, the detector and the kind of what began.
        caused_by: where the frame stood.

    >>> made = {"topic_id": "t", "partition": 0, "offset": 7, "nth": 0}
    >>> kept = waveform(np.zeros(300_000), 25_600.0, ["P.vib:velocity_rms", "level1/limit", "limit_high"], made)
    >>> len(kept["values_f4"]), kept["cut"], kept["kind"]
    (880000, True, 'limit_high')
    """
    with np.errstate(over="ignore"):  # beyond float32 is beyond any machine: it is stored as infinite
        packed = values[:VALUES_MAX].astype("<f4").tobytes()
    return {
        "waveform_id": deterministic_id("waveform", caused_by["topic_id"], caused_by["partition"], caused_by["offset"]),
        "occasion": "begin",
        "condition_sensor_id": condition[0],
        "detector": condition[1],
        "kind": condition[2],
        "sample_rate_hz": rate_hz,
        "unit": UNIT,
        "cut": len(values) > VALUES_MAX,
        "values_f4": packed,
        "origin": caused_by,
    }


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
