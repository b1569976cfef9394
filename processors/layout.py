"""Records of a partition's state: what is kept of a sensor, of an asset, of a sensor in one operating mode, of a finished window.

A sensor takes one record of at most 1 kB. Records hold their arrays (tail, conditions, windows) within themselves: kernels hand
on a record as a bare pointer, while every array handed on costs counting of references.
"""

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

KERNEL: Final = "1"  # changes with every kernel; part of every block, window and snapshot
Bytes: TypeAlias = npt.NDArray[np.uint8]
Longs: TypeAlias = npt.NDArray[np.int64]
Slots: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]
Records: TypeAlias = npt.NDArray[np.void]
Record: TypeAlias = Any  # one element of Records: numpy has no type for its attributes

NONE: Final = -1  # no slot, no link
AWAITED: Final = -2  # a sensor that is named but not known yet
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
# modes of an asset; from BANDS on the modes of its catalogue entry
NO_MODE, OFF, RUNNING, BANDS = range(4)
BANDS_MAX: Final = 5
CHANGING: Final = 255  # of a window in which the mode changed, or that stands in a settling time
DRIVERS_MAX: Final = 2
CHANGES_KEPT: Final = 8  # changes of mode an asset remembers: readings of another gateway may be older than the newest
UNSTATED: Final = 0xFFFF  # settling time
ALONE: Final = 0xFFFF  # no partner
UNTIED, REDUNDANT, COUPLED = range(3)  # a partner measures the same, or something that moves with it
PLAIN, THERMAL, VIBRATION = range(3)  # nature: temperatures settle slowly, vibration of a running machine never vanishes
# counters
SENSORS, ASSETS, TEXT, CELLS, TICK, HISTORY, REGIMES, RESCALES = range(8)
RESCALES_MAX: Final = 32  # of a partition; the oldest is forgotten

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
NAME: Final = [("hash", "u4"), ("name", "i4"), ("name_bytes", "u1")]  # bytes text[name : name + name_bytes]

CONDITION: Final = np.dtype(
    [("since", "i8"), ("last", "i8"), ("peak", "f4"), ("severity", "u1"), ("active", "u1"), ("kind", "u1"), ("pending", "u1")],
    align=True,
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
        ("state", "u1"),
        ("mode", "u1"),  # operating mode of its asset at its newest reading
        ("nature", "u1"),  # what its quantity means for judging it
        ("deep", "u1"),  # richer detectors wanted
        ("reporting", "u1"),
        ("known", "u1"),  # described by the catalogue
        ("told", "u1"),  # a person set its state
        ("idle", "u1"),  # does not hold the windows of its asset
        ("silent", "u1"),
        ("ended", "u1"),  # nothing is expected until its next reading
        ("tie", "u1"),  # what its partner is to it
        ("partner", "u2"),  # slot of a sensor it can be compared with; ALONE
        ("settling", "u2"),  # tens of seconds after a change of mode in which it is not scored; UNSTATED
        ("quantity", "u2"),  # index into words; 0 = inferred
        ("gateway", "u2"),  # index into words
        ("asset", "i4"),  # slot of its asset
        ("sibling", "i4"),  # next sensor of the same asset
        ("regime", "i4"),  # what belongs to its present mode; -1 = nothing but what stands here
        ("regimes", "i4"),  # first of the chain of all its modes
        ("interval_s", "f4"),  # learnt from event time
        ("gap_s", "f4"),  # decayed longest gap between arrivals
        ("tail_total", "f4"),  # weight of all bins of `tail`
        ("version", "i8"),  # of its catalogue entry
        ("scale", "f8"),
        ("offset", "f8"),
        *((name, "f4" if name in COARSE else "f8") for name in CATALOGUED),
        ("delay_on", "f4"),  # seconds for which a limit must be passed
        ("delay_off", "f4"),  # and be left; NaN = as every condition
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
LEARNT: Final = {  # what a sensor learns of one mode: its fields, kept in a regime while the asset is in another mode
    "born": "i8",
    "frozen_since": "i8",
    "run_since": "i8",
    "anchor": "f8",
    "level": "f8",
    "spread": "f8",
    "covariance": "f8",
    "variance": "f8",
    "innovation": "f8",
    "other_level": "f8",
    "other_spread": "f4",
    "other_innovation": "f4",
    "tail_total": "f4",
    "blocks": "i4",
    "in_block": "i4",
    "count": "i4",
    "scaled": "i4",
    "grace": "i4",
    "run": "i4",
    "longest": "f4",
    "repeats": "f4",
}
REGIME: Final = np.dtype(  # one sensor in one mode, or with a reference
    [
        ("mode", "u1"),
        ("accepted", "u1"),  # a person accepted the reference
        ("explains", "u1"),  # the drivers explain part of its values
        ("fixed", "u1"),  # the reference says which part
        ("next", "i4"),  # next regime of the sensor
        *LEARNT.items(),
        ("block_top", "f4", (2,)),
        ("block_mean", "f4", (2,)),
        ("block_square", "f4", (2,)),
        ("tail", "f4", (TAIL_BINS,)),
        ("version", "i8"),  # of the reference
        ("normal", "f8"),  # the reference: healthy level, NaN = none
        ("sway", "f8"),  # robust scale of its means over a block of time
        ("block", "i8"),  # number of the block of event time that is summed up
        ("readings", "i4"),  # in this block
        ("sum", "f8"),  # of their deviations from the reference
        ("above", "f8"),  # CUSUM of the means of blocks, in sways
        ("below", "f8"),
        ("since", "i8"),  # event time at which the larger sum left zero
        ("start_active", "u1"),  # of rest: the newest start was unlike those before
        ("starts", "i4"),  # learnt
        ("start_since", "i8"),  # event time of the newest start; 0 = none
        ("start_top", "f8"),  # its highest value so far
        ("start_level", "f8"),  # of such values
        ("start_spread", "f8"),  # their mean absolute deviation
        ("start_surprise", "f8"),
        ("condition", CONDITION),
        ("slope", "f8", (DRIVERS_MAX,)),  # change of the value per unit of a driver
        ("zero", "f8", (DRIVERS_MAX,)),  # where a driver takes nothing off
        ("weight", "f8"),  # readings behind the moments
        ("mean", "f8", (DRIVERS_MAX + 1,)),  # of the drivers and, last, of the value
        ("gap", "f8", (DRIVERS_MAX + 1,)),  # the newest reading from these means
        ("moment", "f8", (DRIVERS_MAX + 1, DRIVERS_MAX + 1)),  # second moments, lower triangle
    ],
    align=True,
)
RESCALE: Final = np.dtype(  # scale and offset that a sensor had before the present ones, for readings before `until`
    [("slot", "i8"), ("until", "i8"), ("scale", "f8"), ("offset", "f8")]
)
BAND: Final = np.dtype(  # value: the newest of its sensor; name: index into words
    [("low", "f8"), ("high", "f8"), ("value", "f8"), ("slot", "i4"), ("name", "i4")], align=True
)
ASSET: Final = np.dtype(
    [
        *NAME,
        ("mode", "u1"),
        ("moded", "u1"),  # it has a run rule or modes
        ("above", "u1"),  # it runs above the threshold, not below
        ("running", "u1"),  # NO_MODE while unknown, OFF or RUNNING
        ("pending", "u1"),  # the rule says otherwise since `pending_since`
        ("bands_used", "u1"),
        ("drivers_used", "u1"),
        ("lag_hours", "i1"),  # whole hours that its readings are behind their arrival
        ("lagging", "u1"),  # said
        ("lag_slot", "i4"),  # of the sensor with which it was said
        ("stop_slot", "i4"),  # of the sensor with which a stop was said
        ("stopped", "u1"),  # it rests although it is wanted: said
        ("demand", "i4"),  # sensor that tells whether it is wanted
        ("wanted", "f8"),  # its newest value, NaN
        ("lag_since", "i8"),  # Kafka timestamp since which they are
        ("settling", "u2"),  # tens of seconds; UNSTATED
        ("first", "i4"),  # its first sensor
        ("sensors", "i4"),
        ("cell", "i4"),  # its first finished cell
        ("cell_last", "i4"),
        ("rule", "i4"),  # sensor of its run rule
        ("changes", "i4"),  # changes of its mode so far
        ("threshold", "f8"),
        ("hysteresis", "f8"),
        ("delay_us", "i8"),
        ("pending_since", "i8"),
        ("bands", BAND, (BANDS_MAX,)),
        ("driving", "f8", (DRIVERS_MAX,)),  # newest values of its drivers, NaN
        ("driver", "i4", (DRIVERS_MAX,)),  # their sensors
        ("changed", "i8", (CHANGES_KEPT,)),  # event times of the newest changes, a ring
        ("became", "u1", (CHANGES_KEPT,)),  # the modes they led to
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
        ("mode", "u1"),  # of its asset; CHANGING
        ("word", "i4"),  # its name, index into words; 0 for those that every asset has
        *SUMS,
    ],
    align=True,
)
