"""The stored readings of a sensor are judged as those of a file, with what the catalogue says of it."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from cli.readings import _stored
from report.arrival import silent, spacing
from report.finding import Finding
from report.pair import apart
from report.series import Series, ordered
from tests.report.building import noise, series

if TYPE_CHECKING:
    import psycopg

DESCRIBED = {"sensor": "P1.level", "asset": "P1", "quantity": "level", "unit": "m", "range_low": 0.0, "range_high": 9.0, "sensor_id": 7}


class Rows:
    """A connection that holds the readings of one sensor."""

    def __init__(self, held: Series) -> None:
        self._rows = [(ts, value, 0, 0, ts) for ts, value in zip(held.ts.tolist(), held.value.tolist(), strict=True)]

    def execute(self, _query: bytes, _asked: dict[str, Any]) -> "Rows":
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


def stored(held: Series, **described: Any) -> Series:
    row = {**DESCRIBED, "reporting": None, "period_s": None, "redundant_with": None, **described}
    found, cut = _stored(cast("psycopg.Connection", Rows(held)), row, (None, None))
    assert not cut
    return found


def gaps(found: Series) -> list[Finding]:
    rows = ordered(found)
    return silent(found, spacing(rows), [])


def test_a_sensor_by_exception_has_gaps_beyond_its_stated_interval_only() -> None:
    kept = np.r_[0:200, 215:380, 500:700]
    held = series(noise(5, 1, 700)[kept], ts=series(noise(5, 1, 700)).ts[kept])
    assert [item.sure for item in gaps(stored(held))] == ["certain"]
    assert [item.count for item in gaps(stored(held, reporting="by_exception", period_s=900.0))] == [1]
    assert gaps(stored(held, reporting="by_exception", period_s=3600.0)) == []
    [finding] = gaps(stored(held, reporting="by_exception", period_s=0.0))
    assert finding.sure == "possible"
    [of_file] = gaps(series(held.value, ts=held.ts, sensor="P1.level", reporting="by_exception"))
    assert finding == of_file


def test_what_the_catalogue_calls_redundant_is_compared() -> None:
    first = stored(series(noise(61, 0.4)), unit="degC", redundant_with="P1.other")
    second = stored(series(noise(85, 0.4)), unit="degC", sensor="P1.other")
    assert [item.kind for item in apart([first, second])] == ["apart"]
