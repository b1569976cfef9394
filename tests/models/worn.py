"""Tiny folders of bearings run to failure in their published layouts: noise, and impacts that grow."""

from pathlib import Path

import numpy as np

from models.datasets import ims, xjtu

ROWS = 8192


def waveform(random: np.random.Generator, share: float, rate_hz: float) -> np.ndarray:
    """Acceleration in g, some recording of a life of which this share is over."""
    values = random.normal(0.0, 0.1, ROWS)
    for begin in range(0, ROWS - 64, int(rate_hz / 110.0)):
        values[begin : begin + 64] += 0.02 * np.exp(5.0 * share) * np.sin(np.arange(64)) * np.exp(-np.arange(64) / 16.0)
    return values


def bearing(root: Path, condition: str, name: str, files: int, seed: int = 0) -> Path:
    """One of XJTU-SY."""
    folder, random = root / condition / name, np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for number in range(1, files + 1):
        pair = [waveform(random, number / files, xjtu.RATE_HZ) for _ in xjtu.COLUMNS]
        lines = [f"{one:.5f},{other:.5f}" for one, other in zip(*pair, strict=True)]
        (folder / f"{number}.csv").write_text("\n".join([",".join(xjtu.COLUMNS), *lines]))
    return folder


def shaft(root: Path, folder: str, test: str, files: int, seed: int = 0) -> Path:
    """One of IMS: `folder` below the root, as the archive has it."""
    place, random = root / folder, np.random.default_rng(seed)
    place.mkdir(parents=True)
    channels = ims.BEARINGS * ims.DIRECTIONS[test]
    for number in range(files):
        damaged = [channel // ims.DIRECTIONS[test] + 1 in ims.DAMAGED[test] for channel in range(channels)]
        columns = [waveform(random, number / files if worn else 0.0, ims.RATE_HZ) for worn in damaged]
        name = f"2004.02.{12 + number // 144:02}.{number // 6 % 24:02}.{number % 6 * 10:02}.39"
        np.savetxt(place / name, np.column_stack(columns), fmt="%.3f", delimiter="\t")
    return place
