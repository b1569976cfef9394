"""Small languages for cells that hold more than one value. `read` gives records of the entry, `write` the text again.

    run_state   PUMP1.speed > 100 +-5 for 10 s
    modes       PUMP1.speed: 0-1500 low, 1500-3000 high; PUMP1.cip: 1-2 cleaning
    drivers     speed=PUMP1.speed; load=PUMP1.power; ambient=HALL.temperature
    bearings    DE: n=8 d=7.94 D=38.5 angle=0; NDE: n=9 d=7.94 D=39.04 angle=0
    gear_teeth  23; 67
    coupled_with  PUMP1.flow; PUMP1.current

A sensor whose name holds a space or one of ; : = < > , " stands in double quotes; a quote in it is doubled.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Item: TypeAlias = dict[str, Any]

NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
NAME: Final = r'"(?:[^"]|"")+"|[^\s;:=<>,"]+'
PLAIN: Final = re.compile(r'[^\s;:=<>,"]+')
SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}
ROLES: Final = ("speed", "load", "ambient", "demand")
COMPARISONS: Final = {">": "above", "<": "below"}
SIGNS: Final = {word: sign for sign, word in COMPARISONS.items()}

RULE: Final = re.compile(
    rf"({NAME})\s*([<>])\s*({NUMBER})(?:\s*(?:\+-|\+/-|±)\s*({NUMBER}))?(?:\s*for\s+({NUMBER})\s*(s|min|h))?",
)
GROUP: Final = re.compile(rf"({NAME})\s*:\s*(.*)", re.DOTALL)
BAND: Final = re.compile(rf"({NUMBER})\s*(?:-|\u2013|to)\s*({NUMBER})\s+([A-Za-z][A-Za-z0-9_]*)")
PAIR: Final = re.compile(rf"([a-z]+)\s*=\s*({NAME})")
GEOMETRY: Final = re.compile(r"([A-Za-z]+)\s*=\s*(\S+)")
BETWEEN: Final = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')  # a semicolon outside quotes

RUN_EXAMPLE: Final = "PUMP1.speed > 100 +-5 for 10 s"
MODES_EXAMPLE: Final = "PUMP1.speed: 0-1500 low, 1500-3000 high"
DRIVERS_EXAMPLE: Final = "speed=PUMP1.speed; load=PUMP1.power"
BEARINGS_EXAMPLE: Final = "DE: n=8 d=7.94 D=38.5 angle=0"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that does not follow its grammar."""

    problem: str
    remedy: str


def run_state(text: str) -> Item | Unreadable:
    """When an asset runs.

    >>> run_state("P1.speed > 100 +-5 for 10 s")
    {'sensor_id': 'P1.speed', 'comparison': 'above', 'threshold': 100.0, 'hysteresis': 5.0, 'delay_s': 10.0}
    """
    found = RULE.fullmatch(text.strip())
    if found is None:
        return Unreadable("no rule `SENSOR > THRESHOLD +-HYSTERESIS for DELAY s` (or <)", f"write e.g. {RUN_EXAMPLE}")
    sensor, sign, threshold, hysteresis, delay, unit = found.groups()
    rule: Item = {
        "sensor_id": bare(sensor),
        "comparison": COMPARISONS[sign],
        "threshold": float(threshold),
        "hysteresis": float(hysteresis or 0),
        "delay_s": float(delay or 0) * SECONDS[unit or "s"],
    }
    if rule["hysteresis"] < 0 or rule["delay_s"] < 0:
        return Unreadable("hysteresis or delay is negative", "write them without a sign")
    return rule


def modes(text: str) -> list[Item] | Unreadable:
    """Operating modes by bands of a sensor.

    >>> modes("P1.speed: 0-1500 low")
    [{'sensor_id': 'P1.speed', 'name': 'low', 'low': 0.0, 'high': 1500.0}]
    """
    found = []
    for part in parts(text):
        group = GROUP.fullmatch(part)
        bands = [BAND.fullmatch(band.strip()) for band in group[2].split(",")] if group else []
        if group is None or not all(bands):
            return Unreadable(f"`{part}` is not `SENSOR: LOW-HIGH NAME, ...`", f"write e.g. {MODES_EXAMPLE}")
        for low, high, name in (band.groups() for band in bands if band):
            found.append({"sensor_id": bare(group[1]), "name": name, "low": float(low), "high": float(high)})
    return found


def drivers(text: str) -> list[Item] | Unreadable:
    """Sensors that explain normal changes of the others.

    >>> drivers("speed=P1.speed")
    [{'role': 'speed', 'sensor_id': 'P1.speed'}]
    """
    found = []
    for part in parts(text):
        pair = PAIR.fullmatch(part)
        if pair is None or pair[1] not in ROLES:
            return Unreadable(f"`{part}` is not `ROLE=SENSOR`", f"roles are {', '.join(ROLES)}; write e.g. {DRIVERS_EXAMPLE}")
        found.append({"role": pair[1], "sensor_id": bare(pair[2])})
    return found


def bearings(text: str) -> list[Item] | Unreadable:
    """Geometry of rolling bearings.

    >>> bearings("DE: n=8 d=7.94 D=38.5")
    [{'point': 'DE', 'elements': 8, 'diameter_mm': 7.94, 'pitch_mm': 38.5, 'angle_deg': 0.0}]
    """
    found = []
    for part in parts(text):
        group = GROUP.fullmatch(part)
        values = dict(GEOMETRY.findall(group[2])) if group else {}
        values.setdefault("angle", "0")
        plain = all(re.fullmatch(NUMBER, value) for value in values.values()) and values.get("n", "").isdecimal()
        if group is None or set(values) != {"n", "d", "D", "angle"} or not plain or GEOMETRY.sub("", group[2]).strip():
            return Unreadable(f"`{part}` is not `POINT: n=COUNT d=MM D=MM angle=DEGREES`", f"write e.g. {BEARINGS_EXAMPLE}")
        n, d, pitch, angle = (float(values[name]) for name in ("n", "d", "D", "angle"))
        found.append({"point": bare(group[1]), "elements": int(n), "diameter_mm": d, "pitch_mm": pitch, "angle_deg": angle})
    return found


def teeth(text: str) -> list[int] | Unreadable:
    """Teeth of gears in the order of power flow.

    >>> teeth("23; 67")
    [23, 67]
    """
    if not all(part.isdecimal() for part in parts(text)):
        return Unreadable("not whole numbers with `;` between", "write e.g. 23; 67")
    return [int(part) for part in parts(text)]


def sensors(text: str) -> list[str] | Unreadable:
    """Names of sensors.

    >>> sensors('P1.flow; "P1 current"')
    ['P1.flow', 'P1 current']
    """
    wrong = [part for part in parts(text) if not re.fullmatch(NAME, part)]
    if wrong:
        return Unreadable(f"`{wrong[0]}` is no name of a sensor", "put `;` between names, and a name with other signs in double quotes")
    return [bare(part) for part in parts(text)]


def parts(text: str) -> list[str]:
    """Parts between semicolons outside quotes; empty ones are left out."""
    return [part.strip() for part in BETWEEN.split(text) if part.strip()]


def bare(name: str) -> str:
    """A name without its quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def quoted(name: str) -> str:
    """A name as the grammars read it.

    >>> quoted("P1.speed"), quoted("P 1")
    ('P1.speed', '"P 1"')
    """
    doubled = name.replace('"', '""')
    return name if PLAIN.fullmatch(name) else f'"{doubled}"'


def number(value: float) -> str:
    """A number in its shortest exact form.

    >>> number(1500.0), number(0.1)
    ('1500', '0.1')
    """
    return str(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else repr(float(value))


def write_run_state(rule: Item) -> str:
    """The text of a rule."""
    hysteresis = f" +-{number(rule['hysteresis'])}" if rule["hysteresis"] else ""
    delay = f" for {number(rule['delay_s'])} s" if rule["delay_s"] else ""
    return f"{quoted(rule['sensor_id'])} {SIGNS[rule['comparison']]} {number(rule['threshold'])}{hysteresis}{delay}"


def write_modes(found: list[Item]) -> str:
    """The text of modes; those of one sensor that follow each other share a group."""
    groups: list[tuple[str, list[str]]] = []
    for mode in found:
        if not groups or groups[-1][0] != mode["sensor_id"]:
            groups.append((mode["sensor_id"], []))
        groups[-1][1].append(f"{number(mode['low'])}-{number(mode['high'])} {mode['name']}")
    return "; ".join(f"{quoted(sensor)}: {', '.join(bands)}" for sensor, bands in groups)


def write_drivers(found: list[Item]) -> str:
    """The text of drivers."""
    return "; ".join(f"{driver['role']}={quoted(driver['sensor_id'])}" for driver in found)


def write_bearings(found: list[Item]) -> str:
    """The text of bearings."""
    return "; ".join(
        f"{quoted(each['point'])}: n={each['elements']} d={number(each['diameter_mm'])} D={number(each['pitch_mm'])} "
        f"angle={number(each['angle_deg'])}"
        for each in found
    )


def write_teeth(found: list[int]) -> str:
    """The text of numbers of teeth."""
    return "; ".join(map(str, found))


def write_sensors(found: list[str]) -> str:
    """The text of names of sensors."""
    return "; ".join(map(quoted, found))


READ: Final[dict[str, Callable[[str], Any]]] = {
    "run_state": run_state, "modes": modes, "drivers": drivers, "bearings": bearings, "gear_teeth": teeth, "coupled_with": sensors,
}  # fmt: skip
WRITE: Final[dict[str, Callable[[Any], str]]] = {
    "run_state": write_run_state, "modes": write_modes, "drivers": write_drivers, "bearings": write_bearings, "gear_teeth": write_teeth,
    "coupled_with": write_sensors,
}  # fmt: skip
