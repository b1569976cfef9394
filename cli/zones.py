"""maint zones: the vibration zone A to D of each measuring point, or why there is none."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    from processors.zones import Machine, NoZone, Point, Zone

EXAMPLES = """Examples:

maint zones — all assets

maint zones 'P-10*' --json
"""
VELOCITY, DISPLACEMENT = ":velocity_rms", ":displacement_rms"
UNITS = {"mm/s": "velocity", "um": "displacement", "µm": "displacement", "μm": "displacement"}
TRANSMITTER_HZ = (10.0, 1000.0)  # what a transmitter of mm/s rms measures by ISO 2954, unless its plate says otherwise
SENSORS = """select s.sensor, s.asset, s.unit, s.statistic, s.reporting, s.point, s.direction, coalesce(s.support, a.support) as support,
    a.class, a.power_kw, a.shaft_height_mm, a.speed_rpm, a.machine_group, a.run_state is not null or a.modes <> '[]' as moded
  from plant.sensor s join plant.asset a using (asset)
  where s.asset like %s and s.quantity = 'vibration' and coalesce(s.state, '') not in ('out_of_service', 'decommissioned')
    and a.state is distinct from 'decommissioned' order by s.asset, s.sensor"""
WINDOWS = """select distinct on (f.sensor) f.sensor, f.start, f.mode, f.rms
  from (select a.asset, n.start from plant.asset a cross join lateral (
      select start from plant.feature w where w.asset = a.asset and w.window_s = 600 and w.mode not in ('off', 'transient')
      order by start desc limit 1) n where a.asset like %s) newest
  join plant.feature f on f.asset = newest.asset and f.window_s = 600 and f.start > newest.start - interval '1 day'
  where f.mode not in ('off', 'transient') and f.rms is not null and f.good >= 0.9 and f.sensor = any(%s)
  order by f.sensor, f.start desc"""
FRAMES = """select distinct on (sensor) sensor, size, rate_hz from plant.spectrum
  where sensor = any(%s) and kind = 'velocity' order by sensor, ts desc"""
FILLED: dict[str, Any] = {  # columns of the catalogue, and a value a zone can be had with
    "class": "motor", "machine_group": "1", "speed_rpm": 1500.0, "power_kw": 75.0, "shaft_height_mm": 200.0, "support": "rigid",
    "unit": "mm/s", "statistic": "rms",
}  # fmt: skip
OF_SENSOR = ("unit", "statistic")
REFERENCES = "select sensor, mode, normal, accepted from plant.baseline where sensor = any(%s)"

Row = dict[str, Any]


def zones(
    assets: Annotated[str, typer.Argument(metavar="[ASSETS]", help="Names of assets, with * and ?.")] = "*",
    as_json: AsJson = False,
) -> None:
    """Zone of each vibration point from its newest steady ten minutes, and what changed since its reference.

    A change of 25 % of the limit B/C, up or down, matters in any zone; `alarm` is where an alarm limit belongs.
    """
    from cli.database import reading
    from store import look

    with reading() as connection:
        sensors = look.rows(connection, SENSORS, (look.like(assets),))
        names = [row["sensor"] for row in sensors]
        windows = {row["sensor"]: row for row in look.rows(connection, WINDOWS, (look.like(assets), names))}
        frames = {row["sensor"]: (row["size"], row["rate_hz"]) for row in look.rows(connection, FRAMES, (sources(names),))}
        normal = {(row["sensor"], row["mode"]): row for row in look.rows(connection, REFERENCES, (names,))}
    found = [judged(point, windows, frames, normal) for point in points(sensors)]
    if as_json:
        print_json(found)
    else:
        print_rows(
            [_short(row) for row in found], as_json=False, title="vibration zones", empty="no sensor of vibration: see `maint sensors list`"
        )


def sources(names: list[str]) -> list[str]:
    """Sensors of frames among the names: those that have a velocity.

    >>> sources(["P1.vib:velocity_rms", "P1.vib:crest", "P2.v"])
    ['P1.vib']
    """
    return [name.removesuffix(VELOCITY) for name in names if name.endswith(VELOCITY)]


def points(sensors: list[Row]) -> list[Row]:
    """Measuring points: a sensor of frames with all that is derived from it is one, each other sensor of vibration is one.

    The description of the sensor of frames counts for its point; where the catalogue has none, the derived sensor's does.
    """
    known = {row["sensor"]: row for row in sensors}
    framed = set(sources(list(known)))
    found = []
    for name, row in known.items():
        source, _, derived = name.rpartition(":")
        if name.endswith(VELOCITY):
            found.append({**known.get(source, row), "sensor": source, "unit": None, "statistic": "rms", "frames": True})
        elif name not in framed and not (derived and source in framed):
            found.append({**row, "frames": False})
    return found


def judged(row: Row, windows: dict[str, Row], frames: dict[str, tuple[int, float]], normal: dict[tuple[str, str], Row]) -> Row:
    """The zone of a point, its change and the reasons for what is missing.

    Args:
        row: from `points`.
        windows: newest steady window by sensor.
        frames: number of values and values per second of the newest frame by sensor of frames.
        normal: references by sensor and mode.
    """
    from processors.zones import NoZone

    names, frame = _named(row), frames.get(row["sensor"])
    windowed = {quantity: windows[name] for quantity, name in names.items() if name in windows}
    found: Zone | NoZone = _tried(row, windowed, frame)
    lacking = _lacking(row, windowed, frame, found.reason) if isinstance(found, NoZone) else []
    if not windowed and not isinstance(found, NoZone):
        found = NoZone("no steady window of ten minutes in the last day the machine ran")
    since = max((window["start"] for window in windowed.values()), default=None)
    shown = {"asset": row["asset"], "point": row["sensor"], "place": _place(row), "since": since}
    if isinstance(found, NoZone):
        values = {quantity: window["rms"] for quantity, window in windowed.items()}
        return {**shown, "zone": None, **values, "reason": found.reason, "remedy": _remedy(row, lacking)}
    window = windowed[found.criterion]
    return {**shown, **_verdict(found), **_change(found, normal.get((names[found.criterion], window["mode"]))), "note": _note(row, found)}


def _tried(row: Row, windowed: dict[str, Row], frame: tuple[int, float] | None) -> "Zone | NoZone":
    """The zone; values of zero stand in for windows there are not, as a window would not help where anything else is missing."""
    from processors.zones import zone

    return zone(_point(row, windowed or {quantity: {"rms": 0.0} for quantity in _named(row)}, frame), _machine(row))


def _lacking(row: Row, windowed: dict[str, Row], frame: tuple[int, float] | None, reason: str) -> list[str]:
    """Columns of the catalogue that are blank and, once filled, take this reason away."""
    from processors.zones import NoZone

    filled = FILLED | ({"machine_group": "I"} if row["class"] == "pump" else {})
    blank = [column for column in filled if row[column] is None]
    tried = {column: _tried({**row, column: filled[column]}, windowed, frame) for column in blank}
    return [column for column, found in tried.items() if not isinstance(found, NoZone) or found.reason != reason]


def _remedy(row: Row, lacking: list[str]) -> str:
    """What to fill in the catalogue, empty if that would not help."""
    if not lacking:
        return ""
    whose = f"sensor {row['sensor']}" if lacking[0] in OF_SENSOR else f"asset {row['asset']}"
    return f"fill {' or '.join(lacking)} of {whose} in the catalogue"


def _named(row: Row) -> dict[str, str]:
    """Sensors that hold velocity and displacement of a point."""
    if row["frames"]:
        return {"velocity": row["sensor"] + VELOCITY, "displacement": row["sensor"] + DISPLACEMENT}
    quantity = UNITS.get(row["unit"] or "")
    return {quantity: row["sensor"]} if quantity else {}


def _point(row: Row, windowed: dict[str, Row], frame: tuple[int, float] | None) -> "Point":
    from processors.waveform import covered
    from processors.zones import Point

    low_hz, high_hz = ((covered(*frame) if frame else None) or (None, None)) if row["frames"] else TRANSMITTER_HZ
    return Point(
        velocity_mm_s=windowed["velocity"]["rms"] if "velocity" in windowed else None,
        displacement_um=windowed["displacement"]["rms"] if "displacement" in windowed else None,
        low_hz=low_hz,
        high_hz=high_hz,
        statistic=row["statistic"] or "unstated",
        by_exception=row["reporting"] == "by_exception",
    )


def _machine(row: Row) -> "Machine":
    from processors.zones import Machine

    return Machine(row["class"], row["power_kw"], row["shaft_height_mm"], row["speed_rpm"], row["support"], row["machine_group"])


def _verdict(found: "Zone") -> Row:
    return {
        "zone": found.letter,
        "criterion": found.criterion,
        "value": found.value,
        "unit": "mm/s" if found.criterion == "velocity" else "um",
        "limits": list(found.limits),
        "standard": f"{found.standard}, {found.machines}",
        "source": found.source,
    }


def _change(found: "Zone", reference: Row | None) -> Row:
    """The 25 % rule against the reference of this mode; nothing where there is none."""
    from processors.zones import alarm_limit, changed

    if reference is None:
        return {"normal": None, "accepted": None, "change": None, "matters": None, "alarm": None}
    normal, limit_bc = reference["normal"], found.limits[1]
    return {
        "normal": normal,
        "accepted": reference["accepted"],
        "change": found.value - normal,
        "matters": changed(found.value, normal, limit_bc),
        "alarm": alarm_limit(normal, limit_bc),
    }


def _note(row: Row, found: "Zone") -> str:
    notes = [found.note]
    if not row["moded"]:
        notes.append("operating mode unknown, as run_state of the asset is blank: taken as steady")
    if not row["frames"]:
        notes.append("taken as 10 to 1000 Hz, as ISO 2954 has it")
    return "; ".join(note for note in notes if note)


def _place(row: Row) -> str:
    return " ".join(word for word in (row["point"], row["direction"]) if word)


def _short(row: Row) -> Row:
    """One line for people."""
    change = row.get("change")
    mark = "" if change is None else f"{change:+.2f}{' matters' if row['matters'] else ''}{'' if row['accepted'] else ' (provisional)'}"
    why = (row["reason"], row["remedy"]) if row["zone"] is None else (row["standard"], row["note"])
    return {
        "point": row["point"],
        "place": row["place"],
        "zone": row["zone"] or "-",
        "value": f"{row['value']:.3g} {row['unit']}" if row["zone"] else "",
        "change": mark,
        "standard or reason": "; ".join(filter(None, why)),
    }
