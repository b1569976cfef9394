"""Which units fit which quantity. A unit is written as here: ASCII where one writes it so, and the sign where there is one."""

from typing import Final

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
