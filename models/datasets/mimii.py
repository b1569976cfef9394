"""MIMII: sounds of machines, normal and abnormal, as wave files; each clip becomes the logarithms of its energies in bands.

Layout: `<any>/<machine>/<id>/normal/*.wav` and `abnormal/*.wav`, as published (eight channels, 16 kHz); the first channel is taken.
"""

import wave
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from models.datasets import DataError
from models.table import FloatArray, IntArray, Table

BANDS: Final = 24  # of equal width on the mel scale
FRAME: Final = 1024  # values
LOWEST_HZ, HIGHEST_HZ = 50.0, 7800.0
NAMES: Final = tuple(f"{what}_{band}" for what in ("level", "unrest") for band in range(BANDS))
NORMAL, ABNORMAL = "normal", "abnormal"
LEARNT: Final = 0.5  # of the normal clips of a machine


def load(folder: Path) -> Table:
    """One row a clip: features of `NAMES`, target `abnormal`, unit the machine, time the place of the clip within it.

    Raises:
        DataError: no clips in this layout, or one that cannot be read.

    """
    paths = sorted(path for path in folder.glob("**/*.wav") if path.parent.name in {NORMAL, ABNORMAL})
    if not paths:
        raise DataError(f"{folder.name}: no <machine>/<id>/normal/*.wav; unpack MIMII (zenodo.org/records/3384388) there")
    machines = sorted({_machine(path) for path in paths})
    rows = np.array([bands(*_read(path)) for path in paths])
    unit = np.array([machines.index(_machine(path)) for path in paths])
    abnormal = np.array([float(path.parent.name == ABNORMAL) for path in paths])
    order = np.lexsort((np.arange(len(paths)), unit))
    time = np.concatenate([np.arange(count, dtype=np.float64) for count in np.bincount(unit)])
    features = dict(zip(NAMES, rows[order].T.copy(), strict=True))
    return Table(features, {"abnormal": abnormal[order]}, unit[order], time, "clip", tuple(machines))


def parts(table: Table, seed: int) -> tuple[IntArray, IntArray]:
    """Numbers of the rows to learn from, half of the normal clips of each machine, and of those to judge."""
    random = np.random.default_rng(seed)
    learnt = [
        random.permutation(normal)[: int(LEARNT * len(normal))]
        for number in np.unique(table.unit)
        for normal in [np.flatnonzero((table.unit == number) & (table.targets["abnormal"] == 0.0))]
    ]
    teaching = np.sort(np.concatenate(learnt))
    return teaching, np.setdiff1d(np.arange(len(table)), teaching)


def bands(values: FloatArray, rate_hz: float) -> FloatArray:
    """Level of each band, and how much it varies from frame to frame, (2 * BANDS,), natural logarithms."""
    count = len(values) // FRAME
    frames = values[: count * FRAME].reshape(count, FRAME) * np.hanning(FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (LOWEST_HZ, min(HIGHEST_HZ, 0.49 * rate_hz)))
    mel = np.linspace(float(low), float(high), BANDS + 1)
    edges = ((10.0 ** (mel / 2595.0) - 1.0) * 700.0 / rate_hz * FRAME).astype(np.int64).tolist()
    energy = np.column_stack([power[:, begin : max(end, begin + 1)].mean(axis=1) for begin, end in pairwise(edges)])
    logarithm = np.log(energy + 1e-12)
    return np.concatenate([logarithm.mean(axis=0), logarithm.std(axis=0)])


def _machine(path: Path) -> str:
    return "/".join(path.parts[-4:-2])


def _read(path: Path) -> tuple[FloatArray, float]:
    """First channel of a file of 16-bit values, and its rate."""
    try:
        with wave.open(str(path)) as file:
            if file.getsampwidth() != 2:
                raise DataError(f"{path.name}: {8 * file.getsampwidth()} bits a value; the published files have 16")
            values = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())[:, 0]
            if len(values) < FRAME:
                raise DataError(f"{path.name}: {len(values)} values; download it again")
            return values / 32768.0, float(file.getframerate())
    except (wave.Error, EOFError) as error:
        raise DataError(f"{path.name}: {error}; download it again") from error
