from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from models.fit import FitError
from models.reference import accepted, baseline, pivot
from settings import Settings

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
QUANTITIES = {"P.flow": "flow", "P.vib": "vibration", "P.load": "power"}


def window(minute: int, sensor: str, mean: float | None, std: float | None = 1.0, mode: str = "running") -> dict[str, Any]:
    return {"start": BEGIN + timedelta(minutes=minute), "mode": mode, "sensor": sensor, "mean": mean, "std": std}


def test_windows_become_rows() -> None:
    found = [
        window(0, "P.flow", 5.0),
        window(0, "P.vib", 2.0, 0.5),
        window(0, "P.load", 80.0),
        window(1, "P.vib", None, None, mode="off"),
        window(1, "P.gone", 7.0, mode="off"),
    ]
    made = pivot("P", found, ["P.load"], QUANTITIES, 60, "pump")
    assert made.columns == ("P.flow.mean", "P.flow.std", "P.vib.mean", "P.vib.std")
    np.testing.assert_array_equal(made.rows, [[5.0, 1.0, 2.0, 0.5], [np.nan] * 4])
    assert (made.drivers, made.driver_rows[0].tolist()) == (("P.load.mean",), [80.0])
    assert (made.mode.tolist(), made.quantities, made.asset_class) == (["running", "off"], ("flow", "vibration"), "pump")
    assert np.diff(made.time_s).tolist() == [60.0]


def test_readings_and_frames_of_a_window_are_one_row() -> None:
    found = [
        *(window(minute, "P.flow", 5.0, mode="transient" if minute == 1 else "running") for minute in range(3)),
        *(window(minute, "P.vib", 2.0, mode="") for minute in range(3)),
    ]
    made = pivot("P", found, [], QUANTITIES, 60, "pump")
    assert made.rows.tolist() == [[5.0, 1.0, 2.0, 1.0]] * 2
    assert made.mode.tolist() == ["running", "running"]


@pytest.mark.integration
def test_what_the_database_holds(instance_ready: Settings) -> None:
    with psycopg.connect(instance_ready.database_url.get_secret_value(), autocommit=True) as connection:
        with pytest.raises(FitError, match="no asset 'P'"):
            baseline(connection, "P", (BEGIN, BEGIN + timedelta(days=1)), 60)
        connection.execute(
            """insert into store.asset (name, class, drivers) values ('P', 'pump', '[{"role": "load", "sensor_id": "P.load"}]')"""
        )
        for name, quantity in QUANTITIES.items():
            connection.execute(
                """insert into store.sensor (name, quantity, state, asset_id)
                  select %s, %s, 'monitored', asset_id from store.asset where name = 'P'""",
                (name, quantity),
            )
        with pytest.raises(FitError, match="no windows of 60 s of P from 2026-03-01 00:00"):
            baseline(connection, "P", (BEGIN, BEGIN + timedelta(days=1)), 60)
        for minute, mode in enumerate(("running", "transient", "running")):
            feature(connection, minute, mode)
        made = baseline(connection, "P", (BEGIN, BEGIN + timedelta(days=1)), 60)
        assert made.rows.tolist() == [[5.0, 0.5, 2.0, 0.25]] * 2
        assert made.driver_rows.tolist() == [[80.0]] * 2
        with pytest.raises(FitError, match="no accepted reference"):
            accepted(connection, "P")
        for sensor, days in (("P.flow", 14), ("P.vib", 7)):
            connection.execute(
                """insert into store.baseline (sensor, mode, version, asset, normal, spread, sway, readings, "begin", "end", accepted)
                  values (%s, 'running', 1, 'P', 0, 1, 1, 9, %s, %s, true)""",
                (sensor, BEGIN, BEGIN + timedelta(days=days)),
            )
        assert accepted(connection, "P") == (BEGIN, BEGIN + timedelta(days=7))


def feature(connection: psycopg.Connection, minute: int, mode: str) -> None:
    """One stored window of the three sensors."""
    nothing = [0.0] * 3
    connection.execute(
        """insert into store.feature (topic_id, partition, off, nth, asset, window_s, start, known_at, historical, mode, kernel, sensors,
            n, good, mean, std, min, max, first, last, slope, rms, peak_to_peak, kurtosis, crest, surprise)
          values ('t', 0, %s, 0, 'P', 60, %s, now(), false, %s, '', %s, '{1,1,1}', '{1,1,1}', '{5,2,80}', '{0.5,0.25,1}',
            %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (minute, BEGIN + timedelta(minutes=minute), mode, list(QUANTITIES), *[nothing] * 10),
    )
