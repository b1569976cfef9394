"""State of one input partition: dense arrays that the caller owns, kernels update and a snapshot holds.

The name of a sensor stands in `text` and is found by open addressing; a match of hashes is always confirmed by comparing the
bytes.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from processors.layout import (
    ASSET,
    ASSETS,
    CELL,
    CELLS,
    NONE,
    REGIME,
    REGIMES,
    RESCALE,
    RESCALES,
    RESCALES_MAX,
    SENSOR,
    SENSORS,
    TEXT,
    Bytes,
    Longs,
    Records,
    Slots,
)
from processors.options import Options, parameters

WORDS_MAX: Final = 0xFFFE  # sensors point to them with two bytes


class Arrays(NamedTuple):
    """What kernels see of a State."""

    sensors: Records
    assets: Records
    cells: Records
    text: Bytes
    sensor_index: Slots
    asset_index: Slots
    numbers: Longs
    regimes: Records
    rescales: Records


class State:
    """All that one partition remembers. Grows by doubling; `pack` gives the same bytes for the same log."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.parameters = parameters(options)
        self.sensors = np.zeros(64, SENSOR)
        self.assets = np.zeros(16, ASSET)
        self.cells = np.zeros(256, CELL)
        self.text = np.zeros(4096, np.uint8)
        self.sensor_index = np.full(256, NONE, np.int32)
        self.asset_index = np.full(64, NONE, np.int32)
        self.regimes = np.zeros(16, REGIME)
        self.rescales = np.zeros(RESCALES_MAX, RESCALE)
        self.numbers = np.zeros(RESCALES + 1, np.int64)
        self.words: list[str] = [""]  # gateways and quantities
        self.sensor_names: list[str] = []  # by slot; the same as in text, ready for records
        self.asset_names: list[str] = []
        self.versions: dict[str, int] = {}  # newest mark by kind and subject
        self.declared: dict[str, dict[str, Any]] = {}  # what the entry in force says of rule, bands and drivers of an asset
        self.awaited: dict[str, list[tuple[int, str, int]]] = {}  # sensors not known yet -> (owner, field, number) that they fill
        self.deeps: dict[int, Records] = {}  # ensembles of sensors with the tag, by slot; see processors/ensemble.py
        self.spectra: dict[str, int] = {}  # sensors of waveforms -> hour of the newest kept spectrum; see processors/occasion.py
        self.begun: dict[str, list[str]] = {}  # the same -> condition that waits for a frame to keep: sensor, detector, kind

    @property
    def arrays(self) -> Arrays:
        """The present arrays; taken anew after anything grew."""
        return Arrays(
            self.sensors,
            self.assets,
            self.cells,
            self.text,
            self.sensor_index,
            self.asset_index,
            self.numbers,
            self.regimes,
            self.rescales,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the rows in use."""
        used = self.numbers[[SENSORS, ASSETS, CELLS, TEXT, REGIMES]] * (
            SENSOR.itemsize,
            ASSET.itemsize,
            CELL.itemsize,
            1,
            REGIME.itemsize,
        )
        return int(used.sum()) + sum(own.nbytes for own in self.deeps.values())

    def word(self, text: str) -> int:
        """Index of a gateway, quantity or mode in `words`; that of the empty text when there are too many."""
        if text not in self.words and len(self.words) > WORDS_MAX:
            return 0
        if text not in self.words:
            self.words.append(text)
        return self.words.index(text)

    def adopt(self, options: Options) -> None:
        """Work with other tunables from here on."""
        self.options = options
        self.parameters = parameters(options)


def grown(array: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """The array with room for at least `rows`, doubling, new room zeroed.

    >>> len(grown(np.zeros(4), 5))
    8
    """
    size = len(array)
    while size < rows:
        size *= 2
    if size == len(array):
        return array
    bigger = np.zeros((size, *array.shape[1:]), array.dtype)
    bigger[: len(array)] = array
    return bigger
