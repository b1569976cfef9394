"""maint spectrum: the strongest lines of a stored spectrum, with the names that speed and geometry give them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.moment import FORMATS, utc
from cli.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    import psycopg

    from processors.naming import Candidate
    from processors.spectrum import Spectrum

EXAMPLES = """Examples:

maint spectrum P-101.DE.vib — the newest

maint spectrum P-101.DE.vib --at 2026-03-01T12:00 --svg spectrum.svg
"""
LINES = 12
UNKNOWN = "unknown"
NEWEST = """select distinct on (kind) * from plant.spectrum where sensor = %s and ts <= coalesce(%s, 'infinity'::timestamptz)
  order by kind, ts desc, known_at desc"""
MACHINE = """select a.speed_rpm, a.gear_teeth, a.blades, a.bearings, s.point,
    (select d ->> 'sensor_id' from jsonb_array_elements(a.drivers) d where d ->> 'role' = 'speed' limit 1) as speed_sensor
  from plant.asset a left join plant.sensor s on s.sensor = %s where a.asset = %s"""
SPEED = """select m.value from plant.measurement m where m.sensor = %s and m.value > 0 and m.unit in ('r/min', 'rpm', '1/min')
    and m.ts between %s::timestamptz - interval '1 minute' and %s::timestamptz + interval '1 minute'
  order by abs(extract(epoch from m.ts - %s::timestamptz)) limit 1"""


Row = dict[str, Any]


def spectrum(
    sensor: Annotated[str, typer.Argument(help="Sensor that sends waveforms.")],
    at: Annotated[datetime | None, typer.Option(formats=FORMATS, help="The newest up to then; UTC unless it says otherwise.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the spectra into this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """The strongest lines of the newest stored spectra of a sensor, and whose lines they may be.

    A name says where a line lies (1x: the shaft; BPFO, BPFI, BSF, FTF: outer ring, inner ring, rolling element, cage), not that
    something is damaged; `findings` says which part of a bearing shows so many lines that chance does not.
    """
    from cli.database import reading
    from store import look

    with reading() as connection:
        stored = look.rows(connection, NEWEST, (sensor, utc(at) if at else None))
        if not stored:
            raise SystemExit(f"no spectrum of {sensor!r}: only sensors that send waveforms to frames.raw.v1 have some")
        machine = (look.rows(connection, MACHINE, (sensor, stored[0]["asset"])) or [{}])[0]
        measured = _measured(connection, machine.get("speed_sensor"), stored[0]["ts"])
    found = read(stored, machine, measured)
    if svg:
        from report.lines import drawing

        svg.write_text(drawing([(_loaded(row), found["spectra"][row["kind"]]["lines"]) for row in stored]), encoding="utf-8")
    if as_json:
        print_json(found)
    else:
        _print(found)


def read(stored: list[Row], machine: Row, measured_rpm: float | None) -> Row:
    """What the newest spectra of a sensor say, one row of plant.spectrum per kind.

    Args:
        stored: rows.
        machine: speed_rpm, gear_teeth, blades, bearings and point, as the catalogue has them.
        measured_rpm: speed at that time by its own sensor; None: there is none.
    """
    by_kind = {row["kind"]: row for row in stored}
    shaft_hz, source = _speed(by_kind, machine.get("speed_rpm"), measured_rpm)
    spectra = {}
    for kind, row in by_kind.items():
        lines = _lines(_loaded(row), shaft_hz, _candidates(kind, machine, sure=source != "rated"))
        about = {name: row[name] for name in ("ts", "occasion", "mode", "unit", "first_hz", "df_hz", "band_low_hz", "band_high_hz")}
        spectra[kind] = {**about, "count": len(row["amplitude"]), "lines": lines}
    refused = _unjudged(by_kind.get("envelope"), machine, source, stored[0]["asset"])
    findings, statements = ([], []) if refused else _judged(by_kind["envelope"], machine, shaft_hz)
    if refused:
        statements = [f"lines of bearings are not looked for: {refused}"]
    return {
        "sensor": stored[0]["sensor"],
        "speed": {"rpm": shaft_hz * 60.0 if shaft_hz else None, "source": source},
        "spectra": spectra,
        "judged": not refused,
        "findings": findings,
        "statements": statements,
    }


def _measured(connection: "psycopg.Connection", speed_sensor: str | None, ts: datetime) -> float | None:
    found = connection.execute(SPEED, (speed_sensor, ts, ts, ts)).fetchone() if speed_sensor else None
    return None if found is None else float(found[0])


def _speed(by_kind: dict[str, Row], rated_rpm: float | None, measured_rpm: float | None) -> tuple[float | None, str]:
    """Frequency of rotation and where it is from."""
    from processors.speed import turning_hz

    if measured_rpm:
        return measured_rpm / 60.0, "measured"
    if not rated_rpm:
        return None, UNKNOWN
    own = turning_hz(_loaded(by_kind["velocity"]), rated_rpm / 60.0) if "velocity" in by_kind else None
    return (own, "vibration") if own else (rated_rpm / 60.0, "rated")


def _bearings(machine: Row) -> list[Row]:
    """Bearings at the point of the sensor; all of them where it has none."""
    point = machine.get("point")
    return [bearing for bearing in machine.get("bearings") or [] if point is None or bearing["point"] == point]


def _candidates(kind: str, machine: Row, *, sure: bool) -> "list[Candidate]":
    from processors import naming
    from processors.speed import WITHIN

    tolerance = naming.MEASURED if sure else WITHIN
    found = naming.shaft(machine.get("gear_teeth") or (), machine.get("blades"), tolerance)
    if kind == "envelope":
        found += [each for bearing in _bearings(machine) for each in naming.bearing(_geometry(bearing))]
    return found


def _lines(found: "Spectrum", shaft_hz: float | None, candidates: "list[Candidate]") -> list[Row]:
    from processors.naming import strongest

    return [
        {
            "hz": round(line.hz, 2),
            "amplitude": float(f"{line.amplitude:.4g}"),
            "over_noise": round(line.ratio, 1),
            "order": round(line.order, 3) if shaft_hz else None,
            "name": line.name,
        }
        for line in strongest(found, LINES, shaft_hz, candidates)
    ]


def _judged(row: Row, machine: Row, shaft_hz: float | None) -> tuple[list[Row], list[str]]:
    """Parts of bearings that are damaged by their lines, and what could not be asked."""
    from processors.diagnosis import diagnose
    from processors.envelope import Band, Envelope

    findings, statements = [], []
    for bearing in _bearings(machine):
        band = Band(row["band_low_hz"], row["band_high_hz"], 0.0)
        found = diagnose(Envelope(_loaded(row), band), _geometry(bearing), shaft_hz * 60.0 if shaft_hz else None)
        statements += list(found.statements)
        findings += [
            {
                "bearing": bearing["point"],
                "part": each.part,
                "chance": float(f"{10.0**-each.surprise:.2g}"),
                "slip": round(each.slip, 4),
                "or": ", ".join(each.alternatives),
            }
            for each in found.findings
        ]
    return findings, statements


def _unjudged(row: Row | None, machine: Row, source: str, asset: str) -> str:
    """Why no bearing can be judged, with the remedy; empty if one can."""
    if not _bearings(machine):
        others = [bearing["point"] for bearing in machine.get("bearings") or []]
        where = f"has bearings at {', '.join(others)} and none at {machine['point']}" if others else "has no bearing in the catalogue"
        return f"asset {asset} {where}; fill its column bearings, like `DE: n=8 d=7.94 D=38.5`"
    if row is None:
        return "there is no envelope: the frames are too slow for one, see docs/vibration.md"
    if source == UNKNOWN:
        return f"the speed is unknown; fill speed_rpm of asset {asset} in the catalogue, or name a sensor of speed in its drivers"
    if row["first_hz"]:
        return "neighbouring lines were joined in this long frame: parts of bearings are not judged, names still hold"
    rated = "the speed is the rated one, lines may lie beside; name a sensor of speed in drivers of"
    return f"{rated} asset {asset}" if source == "rated" else ""


def _geometry(bearing: Row) -> Any:  # noqa: ANN401  a Bearing; the import is dear
    from processors.bearing import Bearing

    return Bearing(bearing["elements"], bearing["diameter_mm"], bearing["pitch_mm"], bearing.get("angle_deg") or 0.0)


def _loaded(row: Row) -> "Spectrum":
    import numpy as np

    from processors.spectrum import Spectrum

    amplitude = np.array(row["amplitude"], np.float64)
    return Spectrum(row["kind"], row["unit"], row["first_hz"], row["df_hz"], amplitude, row["enbw_lines"])


def _print(found: Row) -> None:
    rpm = found["speed"]["rpm"]
    typer.echo(f"{found['sensor']}: speed {f'{rpm:.1f} r/min, ' if rpm else ''}{found['speed']['source']}")
    for kind, each in found["spectra"].items():
        title = f"{kind}, {each['unit']}, {each['ts']:%Y-%m-%d %H:%M:%S}, {each['count']} lines of {each['df_hz']:.3g} Hz"
        print_rows(each["lines"], as_json=False, title=title, empty=f"{kind}: no line stands out of the noise")
    if found["judged"]:
        print_rows(found["findings"], as_json=False, title="findings", empty="no damaged part of a bearing is seen")
    for statement in found["statements"]:
        typer.echo(statement)
