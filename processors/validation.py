"""Which readings can be used: key, name and time of each, and the slot of its sensor. Judged before anything is changed."""

from typing import Final

import numpy as np
from numba import njit

from processors.batch import BAD_TIME, DECOMMISSIONED, NO_KEY, NO_SENSOR, OK, UNRESOLVED, Batch
from processors.identity import equal, find
from processors.layout import DECOMMISSIONED as STATE_DECOMMISSIONED
from processors.layout import NONE, Records
from processors.state import Arrays

NAME_BYTES_MAX: Final = 200
EARLIEST_US: Final = 946_684_800_000_000  # 2000-01-01 UTC
SECOND_US: Final = 1_000_000


@njit(cache=True, nogil=True)
def validate(arrays: Arrays, parameters: Records, batch: Batch, begin: int, end: int) -> int:
    """Set outcome and slot of the readings [begin, end) that could be decoded; returns how many need a closer look.

    UNRESOLVED is a name that is new or does not belong to its key: only the caller can add names.
    """
    future_us = np.int64(parameters[0].future_s_max * SECOND_US)
    open_questions = 0
    for i in range(begin, end):
        if batch.outcome[i] != OK:
            open_questions += 1
            continue
        slot = NONE
        key_bytes = batch.key_end[i] - batch.key_start[i]
        name_bytes = batch.name_end[i] - batch.name_start[i]
        if key_bytes < 1 or key_bytes > NAME_BYTES_MAX:
            batch.outcome[i] = NO_KEY
        elif name_bytes < 1 or name_bytes > NAME_BYTES_MAX:
            batch.outcome[i] = NO_SENSOR
        elif batch.ts[i] < EARLIEST_US or batch.ts[i] > batch.known_at[batch.record[i]] + future_us:
            batch.outcome[i] = BAD_TIME
        else:
            slot = find(arrays.sensor_index, arrays.sensors, arrays.text, batch.names, batch.name_start[i], batch.name_end[i])
            if slot == NONE:
                batch.outcome[i] = UNRESOLVED
            else:
                asset = arrays.assets[arrays.sensors[slot].asset]
                if not equal(arrays.text, asset.name, asset.name_bytes, batch.keys, batch.key_start[i], batch.key_end[i]):
                    batch.outcome[i] = UNRESOLVED
                elif arrays.sensors[slot].state == STATE_DECOMMISSIONED:
                    batch.outcome[i] = DECOMMISSIONED
        batch.slot[i] = slot
        if batch.outcome[i] != OK:
            open_questions += 1
    return open_questions
