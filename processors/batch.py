"""What kernels read and write: a batch of readings by columns, the rows and events that come of it."""

from typing import Final, NamedTuple

import numpy as np

from processors.layout import BANDS, BANDS_MAX, CONDITIONS, Bytes, Floats, Longs, Records, Slots

ROW: Final = np.dtype(
    [
        ("offset", "i8"),
        ("sensor", "i4"),  # slot
        ("flags", "u2"),
        ("ts", "i8"),
        ("known_at", "i8"),
        ("value", "f8"),
        ("status", "u4"),
        ("score", "f4"),
    ]
)
EVENT: Final = np.dtype(  # a step of a condition, before it becomes an Evidence record
    [
        ("cause", "i4"),  # index of the input record
        ("slot", "i4"),
        ("asset", "i4"),  # as they were then: a mark behind may change them
        ("gateway", "i4"),
        ("detector", "u1"),
        ("kind", "u1"),
        ("phase", "u1"),
        ("severity", "u1"),
        ("historical", "u1"),
        ("mode", "u1"),
        ("word", "i4"),  # name of the mode at that time, index into words; 0 for those that every asset has
        ("ts", "i8"),
        ("since", "i8"),
        ("value", "f8"),
        ("expected", "f8"),
        ("surprise", "f8"),
        ("threshold", "f8"),
    ],
    align=True,
)
FINDING: Final = np.dtype(  # what one detector says of one reading
    [
        ("verdict", "u1"),
        ("kind", "u1"),
        ("severity", "u1"),
        ("since", "i8"),  # event time at which it began
        ("surprise", "f8"),
        ("expected", "f8"),
        ("threshold", "f8"),
    ],
    align=True,
)
UNJUDGED, ABSENT, PRESENT = range(3)  # verdicts
STEPS_MAX: Final = CONDITIONS + 5 + BANDS + BANDS_MAX  # events that one reading, or the end of all conditions, can cause
CASE: Final = np.dtype(  # the reading that is judged, and what is found
    [
        ("cause", "i4"),  # index of its record in the chunk
        ("slot", "i4"),
        ("asset", "i4"),
        ("gateway", "i4"),
        ("now", "i8"),  # Kafka timestamp of the record, microseconds
        ("ts", "i8"),
        ("value", "f8"),
        ("rest", "f8"),  # what the drivers of its asset do not explain of the value
        ("status", "i8"),
        ("score", "f8"),
        ("flags", "i8"),
        ("historical", "u1"),
        ("mode", "u1"),
        ("word", "i4"),  # name of the mode
        ("steps", "i4"),  # events in use
        ("found", FINDING, (CONDITIONS + 6,)),
        ("events", EVENT, (STEPS_MAX,)),
    ],
    align=True,
)
# outcomes of a reading before it is applied
OK, UNREADABLE, NO_KEY, NO_SENSOR, BAD_TIME, UNRESOLVED, WRONG_KEY, DECOMMISSIONED, NO_FRAME = range(9)
ROWS, EVENTS = range(2)  # counters of an Output


class Batch(NamedTuple):
    """Readings in offset order. Names and keys are spans of their buffers; `record` points into offsets and known_at."""

    names: Bytes
    name_start: Longs
    name_end: Longs
    keys: Bytes
    key_start: Longs
    key_end: Longs
    ts: Longs
    value: Floats
    status: Longs
    part: Bytes  # 1 = a further row of the same record
    record: Longs
    offsets: Longs
    known_at: Longs
    outcome: Bytes
    slot: Slots


class Output(NamedTuple):
    """Where kernels write; `used` counts rows and events, `case` holds one record."""

    rows: Records
    events: Records
    used: Longs
    case: Records
