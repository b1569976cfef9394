"""Windows, a reference and an episode in the tables, as the sink writes them."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from models.fit import Baseline

ZEROS = ("min", "max", "first", "last", "slope", "rms", "peak_to_peak", "kurtosis", "crest", "surprise")
FEATURE = f"""insert into store.feature (topic_id, partition, off, nth, asset, window_s, start, known_at, historical, mode, kernel, sensors,
    n, good, mean, std, {", ".join(ZEROS)})
  values ('t', 0, %s, 0, %s, %s, %s, now(), false, %s, '', %s, %s, %s, %s, %s{", %s" * len(ZEROS)})"""
REFERENCE = """insert into store.baseline (sensor, mode, version, asset, normal, spread, sway, readings, "begin", "end", accepted)
  values (%s, 'running', 1, %s, 0, 1, 1, 9, %s, %s, true)"""
EPISODE = """insert into store.episode (episode_id, revision, asset, subject, detector, kind, phase, start, last, "end", known_at, severity,
    surprise, historical, "grouped", contributions, mode, model, thresholds, quality, correlation_id, causation_id)
  values (gen_random_uuid(), 1, %s, '', 'd', 'spike', %s, %s, %s, %s, now(), 2, 5, %s, 1, '[]', 'running', '', '{}', 1, 'c', 'c')"""


def machine(connection: psycopg.Connection[Any], given: Baseline) -> list[str]:
    """The asset with its drivers and sensors; returns the sensors' names."""
    sensors = [*(name.rpartition(".")[0] for name in given.columns), *(f"{given.asset}.{name}" for name in given.drivers)]
    drivers = ", ".join(f'{{"role": "{name}", "sensor_id": "{given.asset}.{name}"}}' for name in given.drivers)
    connection.execute(
        "insert into store.asset (name, class, drivers) values (%s, %s, %s)", (given.asset, given.asset_class, f"[{drivers}]")
    )
    for name in sensors:
        connection.execute(
            """insert into store.sensor (name, quantity, state, asset_id)
              select %s, 'vibration', 'monitored', asset_id from store.asset where name = %s""",
            (name, given.asset),
        )
    return sensors


def windows(connection: psycopg.Connection[Any], given: Baseline, begin: datetime, sensors: list[str]) -> None:
    """One row per window; the first column of `given` at `begin`."""
    dice = np.random.default_rng(1)
    ones, zeros = [1] * len(sensors), [0.0] * len(sensors)
    means = np.column_stack([given.rows, given.driver_rows])
    spreads = dice.normal(1.0, 0.1, means.shape)
    rows = [
        [
            *(number, given.asset, int(given.window_s), begin + timedelta(seconds=given.window_s * number), str(given.mode[number])),
            *(sensors, ones, ones, means[number].tolist(), spreads[number].tolist()),
            *([zeros] * len(ZEROS)),
        ]
        for number in range(len(means))
    ]
    with connection.cursor() as cursor:
        cursor.executemany(FEATURE.encode(), rows)


def reference(connection: psycopg.Connection[Any], asset: str, sensors: list[str], period: tuple[datetime, datetime]) -> None:
    """Accepted for every sensor."""
    for name in sensors:
        connection.execute(REFERENCE, (name, asset, *period))


def episode(
    connection: psycopg.Connection[Any], asset: str, period: tuple[datetime, datetime], *, stands: bool = False, historical: bool = False
) -> None:
    """One from its first to its last evidence; it is over then unless it `stands`."""
    phase, end = ("update", None) if stands else ("close", period[1])
    connection.execute(EPISODE, (asset, phase, *period, end, historical))
