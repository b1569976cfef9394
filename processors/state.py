"""State of one input partition: dense arrays that the caller owns, kernels update and a snapshot holds.

A sensor takes one record of at most 1 kB. Its name stands in `text` and is found by open addressing; a match of hashes is
always confirmed by comparing the bytes. Records hold their arrays (tail, conditions, windows) within themselves: kernels hand
on a record as a bare pointer, while every array handed on costs counting of references.
"""

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from processors.options import Options, parameters

KERNEL: Final = "1"  # changes with every kernel; part of every block, window and snapshot
Bytes: TypeAlias = npt.NDArray[np.uint8]
Longs: TypeAlias = npt.NDArray[np.int64]
Slots: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]
Records: TypeAlias = npt.NDArray[np.void]
Record: TypeAlias = Any  # one element of Records: numpy has no type for its attributes

NONE: Final = -1  # no slot, no link
WINDOWS_S: Final = (10, 60, 600)
TAIL_BINS: Final = 44

# life cycle
DISCOVERED, LEARNING, MONITORED, OUT_OF_SERVICE, DECOMMISSIONED = range(5)
STATES: Final = ("discovered", "learning", "monitored", "out_of_service", "decommissioned")
# reporting
UNKNOWN, PERIODIC, BY_EXCEPTION = range(3)
# conditions that last over several readings
LIMIT, RANGE, EWMA, RATE, CUSUM, STUCK = range(6)
CONDITIONS: Final = 6
NEVER: Final = -(2**63)  # event time before the first reading
# counters
SENSORS, ASSETS, TEXT, CELLS, TICK, HISTORY = range(6)

CATALOGUED: Final = (  # fields of a sensor that the catalogue states; NaN = not stated
    "range_low",
    "range_high",
    "limit_ll",
    "limit_l",
    "limit_h",
    "limit_hh",
    "rate_max",
    "period_s",
    "deadband",
    "resolution",
)
COARSE: Final = ("deadband", "resolution")  # f4: they are compared with differences only and reported nowhere
NAME: Final = [("hash", "u8"), ("name", "i4"), ("name_bytes", "i4")]  # bytes text[name : name + name_bytes]

CONDITION: Final = np.dtype(
    [("since", "i8"), ("last", "i8"), ("peak", "f4"), ("severity", "u1"), ("active", "u1"), ("kind", "u1")], align=True
)
SUMS: Final = [  # of the values minus the sensor's shift; time in seconds since the begin of the 600 s window
    ("s1", "f8"),
    ("s2", "f8"),
    ("s3", "f8"),
    ("s4", "f8"),
    ("t1", "f8"),
    ("t2", "f8"),
    ("tx", "f8"),
    ("low", "f8"),
    ("high", "f8"),
    ("first", "f8"),
    ("last", "f8"),
    ("n", "i4"),  # readings with a value
    ("good", "i4"),
    ("total", "i4"),
    ("surprise", "f4"),
]
WINDOW: Final = np.dtype(SUMS, align=True)
SENSOR: Final = np.dtype(
    [
        *NAME,
        ("asset", "i4"),  # slot of its asset
        ("sibling", "i4"),  # next sensor of the same asset
        ("gateway", "i4"),  # index into words
        ("quantity", "i4"),  # index into words; 0 = inferred
        ("state", "u1"),
        ("mode", "u1"),  # operating mode; 0 while modes are not configured
        ("deep", "u1"),  # richer detectors wanted
        ("reporting", "u1"),
        ("known", "u1"),  # described by the catalogue
        ("told", "u1"),  # a person set its state
        ("idle", "u1"),  # does not hold the windows of its asset
        ("silent", "u1"),
        ("ended", "u1"),  # nothing is expected until its next reading
        ("interval_s", "f4"),  # learnt from event time
        ("version", "i8"),  # of its catalogue entry
        ("scale", "f8"),
        ("offset", "f8"),
        *((name, "f4" if name in COARSE else "f8") for name in CATALOGUED),
        ("history", "i8"),  # readings before are historical, microseconds
        ("newest", "i8"),  # highest accepted event time, microseconds
        ("arrival", "i8"),  # Kafka timestamp of its last record, microseconds
        ("advanced", "i8"),  # Kafka timestamp of its last record that was not late, microseconds
        ("sound", "i8"),  # event time of the reading whose value is `before`, microseconds
        ("born", "i8"),  # event time from which it learns, microseconds
        ("frozen_since", "i8"),  # event time since which nothing was learnt
        ("run_since", "i8"),  # event time of the first of equal readings
        ("before", "f8"),  # its newest sound value
        ("anchor", "f8"),  # the value it repeats
        ("level", "f8"),
        ("spread", "f8"),  # robust scale of the deviation from the level
        ("deviation", "f8"),  # previous deviation from the level
        ("covariance", "f8"),  # of neighbouring deviations
        ("variance", "f8"),
        ("innovation", "f8"),  # robust scale of the whitened deviation
        ("up", "f8"),
        ("down", "f8"),
        ("volatile", "f8"),
        ("other_level", "f8"),  # the level it had before the present one was adopted
        ("other_spread", "f4"),  # its scales there; 0 = no such level
        ("other_innovation", "f4"),
        ("shift", "f8"),  # reference of the sums of its windows
        ("gap_s", "f4"),  # decayed longest gap between arrivals
        ("tail_total", "f4"),
        ("block_top", "f4", (2,)),  # largest CUSUM of this block: mean, variance
        ("block_mean", "f4", (2,)),
        ("block_square", "f4", (2,)),
        ("blocks", "i4"),
        ("in_block", "i4"),
        ("seen", "i4"),  # accepted readings
        ("count", "i4"),  # learnt readings since the level was new
        ("scaled", "i4"),  # learnt readings since the scales were new
        ("grace", "i4"),  # readings the present grace period takes
        ("frozen", "i4"),  # readings in a row that were not learnt
        ("run", "i4"),  # equal readings in a row
        ("longest", "f4"),  # longest run before, slowly forgotten
        ("repeats", "f4"),  # share of readings equal to the one before
        ("tail", "f4", (TAIL_BINS,)),  # histogram of |z|
        ("conditions", CONDITION, (CONDITIONS,)),
        ("windows", WINDOW, (len(WINDOWS_S),)),
    ],
    align=True,
)
ASSET: Final = np.dtype(
    [
        *NAME,
        ("first", "i4"),  # its first sensor
        ("sensors", "i4"),
        ("cell", "i4"),  # its first finished cell
        ("cell_last", "i4"),
        ("mode", "u1"),
        ("version", "i8"),
        ("history", "i8"),  # readings before are historical, microseconds
        ("arrival", "i8"),  # Kafka timestamp of its last record, microseconds
        ("resumed", "i8"),  # Kafka timestamp of the first record after a pause of the whole asset
        ("quick_s", "f8"),  # shortest interval of its sensors
        ("closed", "i8", (3,)),  # event time up to which its windows are closed, by length
    ],
    align=True,
)
CELL: Final = np.dtype(  # a finished window of one sensor that waits for its asset
    [
        ("start", "i8"),
        ("shift", "f8"),
        ("slot", "i4"),
        ("asset", "i4"),
        ("next", "i4"),
        ("cause", "i4"),  # row that closed it; -1 = waits
        ("length", "u1"),  # index into WINDOWS_S
        ("by_exception", "u1"),
        ("historical", "u1"),  # its readings were declared historical
        *SUMS,
    ],
    align=True,
)


class Arrays(NamedTuple):
    """What kernels see of a State."""

    sensors: Records
    assets: Records
    cells: Records
    text: Bytes
    sensor_index: Slots
    asset_index: Slots
    numbers: Longs


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
        self.numbers = np.zeros(HISTORY + 1, np.int64)
        self.words: list[str] = [""]  # gateways and quantities
        self.sensor_names: list[str] = []  # by slot; the same as in text, ready for records
        self.asset_names: list[str] = []
        self.versions: dict[str, int] = {}  # newest mark by kind and subject

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
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the rows in use."""
        used = self.numbers[[SENSORS, ASSETS, CELLS, TEXT]] * (SENSOR.itemsize, ASSET.itemsize, CELL.itemsize, 1)
        return int(used.sum())

    def word(self, text: str) -> int:
        """Index of a gateway or quantity in `words`."""
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
