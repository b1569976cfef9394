"""What a sensor measures, guessed from its id while the catalogue does not say it."""

from typing import Final

from processors.layout import THERMAL, VIBRATION

GENERAL: Final = "general"
TEMPERATURE: Final = "temperature"
MOTION: Final = "vibration"
NATURES: Final = {TEMPERATURE: THERMAL, MOTION: VIBRATION}
PATTERNS: Final = {
    "bear": "bearing",
    "pump": "flow",
    "flow": "flow",
    "vib": MOTION,
    "accel": MOTION,
    "temp": TEMPERATURE,
    "press": "pressure",
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
