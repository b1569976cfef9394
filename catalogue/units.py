"""Which units fit which quantity. A unit is written as here: ASCII where one writes it so, and the sign where there is one."""

import re
from typing import Final

from processors.quantity import GENERAL, infer

TEMPERATURE: Final = ("degC", "°C", "C", "K", "degF", "°F", "F", "degR", "°R")
LENGTH: Final = ("m", "cm", "mm", "um", "µm", "mil", "in", "ft")
UNITS: Final = {
    "vibration": ("mm/s", "m/s", "cm/s", "in/s", "m/s2", "m/s²", "mm/s2", "g", "um", "µm", "mm", "mil"),
    "bearing": ("mm/s", "in/s", "m/s2", "m/s²", "g", "um", "µm", "mil", *TEMPERATURE),
    "temperature": TEMPERATURE,
    "pressure": ("bar", "mbar", "Pa", "hPa", "kPa", "MPa", "psi", "psia", "psig", "atm", "mmHg", "inHg", "mmH2O", "kg/cm2"),
    "flow": (
        "m3/h", "m³/h", "m3/s", "m³/s", "m3/min", "m³/min", "Nm3/h", "Nm³/h", "l/s", "l/min", "l/h", "L/min", "gpm", "cfm",
        "kg/s", "kg/h", "t/h", "lb/s", "lbm/s", "pps", "pps/psi",
    ),
    "humidity": ("%", "%RH", "g/m3", "g/kg"),
    "voltage": ("V", "mV", "kV"),
    "current": ("A", "mA", "kA"),
    "power": ("W", "kW", "MW", "hp", "VA", "kVA", "MVA", "var", "kvar"),
    "energy": ("J", "kJ", "MJ", "Wh", "kWh", "MWh"),
    "charge": ("A h", "Ah", "mAh"),
    "speed": ("r/min", "rpm", "1/min", "1/s", "Hz", "rad/s", "m/s", "m/min", "km/h", "%", "1"),
    "torque": ("N m", "Nm", "N·m", "kN m", "kNm", "lbf ft"),
    "force": ("N", "kN", "MN", "lbf", "t"),
    "sound": ("dB", "dB(A)", "dBA", "Pa", "mPa"),
    "level": ("%", *LENGTH, "l", "m3", "m³"),
    "position": ("%", "deg", "°", *LENGTH),
    "wear": ("%", "min", *LENGTH),
    "frequency": ("Hz", "kHz"),
    "time": ("s", "min", "h", "d"),
    "efficiency": ("%", "1"),
    "ratio": ("%", "1", "ppm"),
    "concentration": ("%", "ppm", "mg/l", "mg/m3", "g/l"),
    "count": ("1",),
}  # fmt: skip
FREE: Final = ("general",)  # quantities of any unit
MEANT: Final = {"mm/s rms": ("mm/s", "rms"), "mm/s RMS": ("mm/s", "rms"), "mm/s peak": ("mm/s", "peak"), "mm/s pk": ("mm/s", "peak")}


def fits(quantity: str, unit: str) -> bool | None:
    """Whether a unit fits; None if the quantity is not in the table.

    >>> fits("pressure", "bar"), fits("pressure", "degC"), fits("taste", "bar")
    (True, False, None)
    """
    if quantity in FREE:
        return True
    return unit in UNITS[quantity] if quantity in UNITS else None


def same(first: str, second: str) -> bool:
    """Whether two spellings name one unit.

    >>> same("degC", "°C"), same("r/min", "rpm"), same("bar", "psi")
    (True, True, False)
    """
    return SPELLINGS.get(first, first) == SPELLINGS.get(second, second)


SPELLINGS: Final = {
    "°C": "degC", "C": "degC", "°F": "degF", "F": "degF", "°R": "degR", "rpm": "r/min", "1/min": "r/min", "µm": "um", "m/s²": "m/s2",
    "m³/h": "m3/h", "m³/s": "m3/s", "m³/min": "m3/min", "Nm³/h": "Nm3/h", "L/min": "l/min", "Nm": "N m", "N·m": "N m", "kNm": "kN m",
    "dBA": "dB(A)", "°": "deg", "m³": "m3",
}  # fmt: skip
WRITTEN: Final = {  # other ways to write a unit; what the catalogue knows already is not repeated
    "celsius": "degC", "deg c": "degC", "degrees celsius": "degC", "fahrenheit": "degF", "deg f": "degF", "kelvin": "K", "percent": "%",
    "rev/min": "r/min", "u/min": "r/min", "mm/sec": "mm/s", "amp": "A", "amps": "A", "ampere": "A", "volt": "V", "volts": "V", "watt": "W",
}  # fmt: skip
KNOWN: Final = frozenset(SPELLINGS.get(unit, unit) for units in UNITS.values() for unit in units)
HEADING: Final = re.compile(r"^(?P<name>.*?)[\s_]*(?P<bracket>[\[(])(?P<unit>[^\])]*)[\])]\s*$")  # Temperature [°C], flow (m3/h)


def spelled(text: str) -> str:
    """A unit in the catalogue's spelling; one that is not known stays as it is.

    >>> spelled("°C"), spelled(" U/min"), spelled("furlong")
    ('degC', 'r/min', 'furlong')
    """
    bare = text.strip()
    return SPELLINGS.get(bare, WRITTEN.get(bare.lower(), bare))


def bracketed(heading: str) -> str:
    """What the heading of a column has in brackets at its end, as it is written; empty if there is nothing.

    >>> bracketed("Temp DE [°C]"), bracketed("flow")
    ('°C', '')
    """
    found = HEADING.match(heading)
    return found["unit"].strip() if found else ""


def headed(heading: str) -> str:
    """The unit that the heading of a column names for certain; empty: none.

    A single letter in round brackets may as well be the name of a channel: it counts where it fits the quantity.

    >>> headed("speed [mm/s]"), headed("temp (°F)"), headed("bearing (DE)")
    ('mm/s', 'degF', '')
    >>> headed("temp (F)"), headed("channel (A)"), headed("temp (1)")
    ('degF', '', '')
    """
    unit, found = spelled(bracketed(heading)), HEADING.match(heading)
    if found is None or unit not in KNOWN or unit == "1":
        return ""
    quantity = infer(found["name"])
    letter = found["bracket"] == "(" and len(found["unit"].strip()) == 1 and found["unit"].strip().isalpha()
    return unit if not letter or (quantity != GENERAL and fits(quantity, unit)) else ""
