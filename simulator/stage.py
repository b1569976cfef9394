"""What the demo shows: a small plant, faults that begin soon after it goes live, and records nobody can use."""

from dataclasses import replace

from schemas.codec import encode, frame
from simulator.fault import Fault
from simulator.plant import Layout, Plant

ASSETS, SENSORS, GATEWAYS = 20, 6, 4
SWING = 0.01  # a plant at base load: over the day little changes but what is broken

PLAN = (  # seconds after the live part begins
    Fault("pump-001", "imbalance", 8),
    Fault("compressor-005", "out_of_range", 10, sensor="compressor-005.discharge_pressure"),
    Fault("motor-007", "stuck", 12, sensor="motor-007.torque"),
    Fault("gearbox-014", "silent", 15, sensor="gearbox-014.oil_pressure"),
    Fault("fan-018", "bearing_wear", 15, growth_s=120),
    Fault("pump-011", "cavitation", 20),
    Fault("fan-003", "spike", 25, sensor="fan-003.flow", duration_s=60),
    Fault("gearbox-009", "oil_loss", 30, growth_s=300),
)


def plant(*, seed: int, live_us: int, run: int) -> Plant:
    """The plant of the demo. A further run on the same platform has machines of its own, with their own past."""
    prefix = "" if run == 1 else f"run{run}-"
    layout = Layout(assets=ASSETS, sensors=SENSORS, gateways=GATEWAYS, prefix=prefix)
    return Plant(layout, seed=seed, live_us=live_us, plan=[renamed(fault, prefix) for fault in PLAN], swing=SWING)


def renamed(fault: Fault, prefix: str) -> Fault:
    """The same fault of the machine whose ids have this prefix."""
    return replace(fault, asset=prefix + fault.asset, sensor=None if fault.sensor is None else prefix + fault.sensor)


def spoiled(layout: Layout, now_us: int) -> list[tuple[bytes, bytes]]:
    """(key, value) of one record for each common mistake of a producer."""
    sensor = layout.sensors[0]
    key = layout.assets[sensor.asset].encode()
    reading = {"sensor_id": sensor.sensor_id, "ts": now_us, "value": 1.0}
    good = encode("Reading", reading)
    return [
        (key, b'{"sensor_id": "pump-001.vibration", "value": 1.0}'),  # JSON instead of Avro
        (key, good[:-4]),  # cut off
        (key, frame(77) + good[5:]),  # a schema nobody knows
        (key, encode("Reading", {**reading, "ts": now_us // 1000})),  # milliseconds instead of microseconds
        (key, encode("Reading", {**reading, "ts": now_us + 2 * 3_600_000_000})),  # local time sent as UTC
        (key, encode("Reading", {**reading, "sensor_id": ""})),  # whose value is it?
        (b"", good),  # no asset
    ]
