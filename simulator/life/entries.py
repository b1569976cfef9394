"""What the catalogue says of simulated machines: run rule, modes, drivers, instruments and limits. Nothing of faults."""

from collections.abc import Iterator
from typing import Any

from simulator.life.machine import AMBIENT, HIGH_MODE, LOAD, MODES, SPEED
from simulator.life.plant import HEARTBEAT_S, Unit

RUNS_ABOVE, HYSTERESIS, DELAY_S = 20.0, 5.0, 60.0
LIMIT_DELAY_S, THERMAL_DELAY_S = 15.0, 60.0  # of limits, as `maint catalogue apply` proposes them


def entries(what: Unit, period_s: int, version: int = 1) -> Iterator[dict[str, Any]]:
    """CatalogueEntry records of a machine and its sensors."""
    yield {
        "kind": "asset",
        "version": version,
        "asset_id": what.name,
        "class": what.machine.name,
        "run_state": {
            "sensor_id": f"{what.name}.{SPEED}",
            "comparison": "above",
            "threshold": RUNS_ABOVE,
            "hysteresis": HYSTERESIS,
            "delay_s": DELAY_S,
        },
        "modes": [
            {"name": name, "sensor_id": f"{what.name}.{channel}", "low": low, "high": high}
            for name, channel, low, high in (*MODES, HIGH_MODE)
        ],
        "drivers": [{"role": role, "sensor_id": f"{what.name}.{role}"} for role in (LOAD, AMBIENT)],
    }
    for row, (name, channel) in enumerate(zip(what.sensors, what.machine.channels, strict=True)):
        exceptional = row == what.exceptional
        yield {
            "kind": "sensor",
            "version": version,
            "asset_id": what.name,
            "sensor_id": name,
            "gateway": f"gateway-{what.seed[1] % 20:02d}",
            "quantity": channel.quantity,
            "unit": channel.unit,
            "range_low": channel.low,
            "range_high": channel.high,
            **dict(zip(("limit_ll", "limit_l", "limit_h", "limit_hh"), channel.limits, strict=True)),
            "deadband": 0.01 * (channel.high - channel.low),
            "delay_on_s": THERMAL_DELAY_S if channel.quantity == "temperature" else LIMIT_DELAY_S,
            "resolution": channel.resolution,
            "reporting": "by_exception" if exceptional else "periodic",
            "period_s": float(HEARTBEAT_S if exceptional else period_s),
            "state": "monitored",
        }
