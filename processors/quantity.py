"""What a sensor measures, guessed from its id while the catalogue does not say it."""

from typing import Final

from processors.layout import THERMAL, VIBRATION

GENERAL: Final = "general"
TEMPERATURE: Final = "temperature"
MOTION: Final = "vibration"
PRESSURE: Final = "pressure"
NATURES: Final = {TEMPERATURE: THERMAL, MOTION: VIBRATION}
CONVERSIONS: Final = (  # quantity, old and new unit, factor and shift of new = factor * old + shift
    (TEMPERATURE, "degC", "degF", 1.8, 32.0),
    (TEMPERATURE, "degF", "degC", 1 / 1.8, -32.0 / 1.8),
    (TEMPERATURE, "degC", "K", 1.0, 273.15),
    (TEMPERATURE, "K", "degC", 1.0, -273.15),
    (MOTION, "in/s", "mm/s", 25.4, 0.0),
    (MOTION, "mm/s", "in/s", 1 / 25.4, 0.0),
    (PRESSURE, "bar", "psi", 14.503774, 0.0),
    (PRESSURE, "psi", "bar", 1 / 14.503774, 0.0),
    (PRESSURE, "bar", "kPa", 100.0, 0.0),
    (PRESSURE, "kPa", "bar", 0.01, 0.0),
    (PRESSURE, "MPa", "bar", 10.0, 0.0),
    (PRESSURE, "bar", "MPa", 0.1, 0.0),
)
PATTERNS: Final = {
    "bear": "bearing",
    "pump": "flow",
    "flow": "flow",
    "vib": MOTION,
    "accel": MOTION,
    "temp": TEMPERATURE,
    "press": PRESSURE,
    "humid": "humidity",
    "volt": "voltage",
    "curr": "current",
    "audio": "sound",
    "sound": "sound",
    "mic": "sound",
    "speed": "speed",
    "rpm": "speed",
    "torque": "torque",
    "power": "power",
}


def infer(sensor_id: str) -> str:
    """Quantity of the pattern that stands furthest right: ids go from the plant to the detail.

    >>> infer("pump-7.bearing.DE.Vib_rms"), infer("bearing-3:temp"), infer("x-17")
    ('vibration', 'temperature', 'general')
    """
    name = sensor_id.lower()
    found = [(name.rfind(pattern), quantity) for pattern, quantity in PATTERNS.items() if pattern in name]
    return max(found)[1] if found else GENERAL
