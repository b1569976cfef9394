"""OPC UA data values to points. Knows no connection."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bridge.nodes import Chosen
from bridge.reading import BAD_NO_DATA, Outcome, Point, Reason, Refusal

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
OVERFLOW: Final = 0x0480  # info type DataValue and its overflow bit (OPC 10000-4, 7.39.1): the server dropped changes before this one


def outcome(chosen: Chosen, value: Any) -> Outcome:  # noqa: ANN401  a DataValue of asyncua
    """What a data value means: source time if there is one, the status code as it came.

    Args:
        chosen: names.
        value: Value (a Variant or None), StatusCode, SourceTimestamp and ServerTimestamp.
    """
    moment = value.SourceTimestamp or value.ServerTimestamp
    if moment is None:
        return Refusal(Reason.NO_TIME, f"{chosen.sensor_id}: neither source nor server timestamp")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # OPC UA knows no other zone
    ts = (moment - EPOCH) // MICROSECOND
    status = value.StatusCode.value if value.StatusCode is not None else 0
    raw = value.Value.Value if value.Value is not None else None
    if raw is None:
        return Point(chosen.asset_id, chosen.sensor_id, ts, math.nan, status or BAD_NO_DATA)
    if not isinstance(raw, bool | int | float):
        return Refusal(Reason.NOT_A_NUMBER, f"{chosen.sensor_id}: {raw!r:.100}")
    return Point(chosen.asset_id, chosen.sensor_id, ts, float(raw), status)


def overflowed(point: Point) -> bool:
    """Whether the server says that its queue dropped changes before this one."""
    return point.status & OVERFLOW == OVERFLOW
