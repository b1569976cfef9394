"""The columns of the sheet: the one table that template, reader, writer, comparison and documentation are made from."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ASSET: Final = "asset"
SENSOR: Final = "sensor"
BOTH: Final = (ASSET, SENSOR)
KINDS: Final = BOTH

TEXT, NUMBER, COUNT, CHOICE, FLAG, TIME, RULE = "text", "number", "count", "choice", "flag", "time", "rule"

# which live state a change resets
ANEW: Final = "the sensor learns anew; its open conditions end"
MOVED: Final = "the sensor's open conditions end; windows of both assets begin anew"
LIFE: Final = "its open conditions end"
MODED: Final = "the present mode is told anew by the new rule; what was learnt in each mode stays"
BANDED: Final = "conditions end; what was learnt in these modes is learnt anew, and its references are dropped"
DRIVEN: Final = "conditions end; the sensors learn anew, and references are dropped"
NOTHING: Final = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: of the column and of the field of the entry.
        kinds: rows it belongs to.
        type: how its cells are read.
        doc: meaning with unit.
        choices: what a cell of type choice may say.
        low: least number; exclusive if `beyond`.
        resets: what live state a change of this field resets.
    """

    name: str
    kinds: tuple[str, ...]
    type: str
    doc: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    beyond: bool = False
    resets: str = NOTHING


def _asset(name: str, kind: str, doc: str, **more: object) -> Column:
    return Column(name, (ASSET,), kind, doc, **more)  # type: ignore[arg-type]  # the attributes of Column


def _sensor(name: str, kind: str, doc: str, **more: object) -> Column:
    return Column(name, (SENSOR,), kind, doc, **more)  # type: ignore[arg-type]  # the same


COLUMNS: Final = (
    Column("kind", BOTH, CHOICE, "What the row describes.", KINDS),
    Column("asset_id", BOTH, TEXT, "The asset, or the asset of the sensor; key of its readings, at most 200 bytes.", resets=MOVED),
    _sensor("sensor_id", TEXT, "The sensor, as its readings name it."),
    Column("class", BOTH, TEXT, "Asset: pump, fan, motor, gearbox, compressor, conveyor, generic or a name of yours. Sensor: free."),
    Column(
        "state", BOTH, CHOICE, "Life cycle, if a person sets it; an asset knows decommissioned only.",
        ("learning", "monitored", "out_of_service", "decommissioned"), resets=LIFE,
    ),
    _asset("path", TEXT, "ISA-95 path enterprise/site/area/line."),
    _asset("site", TEXT, "Site, for restricting readers."),
    _asset("cmms_id", TEXT, "Id in the maintenance management system."),
    _asset("criticality", CHOICE, "A (most critical), B or C.", choices=("A", "B", "C")),
    _asset("redundancy_group", TEXT, "Assets of one group stand in for each other."),
    _asset("run_state", RULE, "When it runs: PUMP1.speed > 100 +-5 for 10 s", resets=MODED),
    _asset("modes", RULE, "Operating modes while it runs: PUMP1.speed: 0-1500 low, 1500-3000 high", resets=BANDED),
    _asset("drivers", RULE, "Sensors of speed, load, ambient, demand: speed=PUMP1.speed; load=PUMP1.power", resets=DRIVEN),
    Column("settling_s", BOTH, NUMBER, "Seconds not scored after a start, stop or change of mode; empty: 600, temperatures 3600.", low=0),
    _asset("power_kw", NUMBER, "Rated power, kW.", low=0, beyond=True),
    _asset("shaft_height_mm", NUMBER, "Shaft height, mm.", low=0, beyond=True),
    _asset("speed_rpm", NUMBER, "Rated speed, r/min.", low=0, beyond=True),
    Column("support", BOTH, CHOICE, "Support in the measuring direction; the sensor's counts before the asset's.", ("rigid", "flexible")),
    _asset("machine_group", CHOICE, "1 or 2: group of ISO 20816-3; I or II: pump category of ISO 10816-7; empty: derived.",
           choices=("1", "2", "I", "II")),
    _asset("bearings", RULE, "Rolling bearings: DE: n=8 d=7.94 D=38.5 angle=0; NDE: ... (mm, degrees)"),
    _asset("gear_teeth", RULE, "Teeth of gears in the order of power flow: 23; 67"),
    _asset("blades", COUNT, "Blades or vanes of the rotor.", low=1),
    _sensor("gateway", TEXT, "Gateway that publishes it; silence is grouped by it."),
    _sensor("quantity", TEXT, "Measured quantity; empty: inferred from the id."),
    _sensor("unit", TEXT, "Unit after scale and offset."),
    _sensor("scale", NUMBER, "value = raw * scale + offset; empty: 1.", resets=ANEW),
    _sensor("offset", NUMBER, "value = raw * scale + offset; empty: 0.", resets=ANEW),
    _sensor("valid_from", TIME, "From when scale and offset count: ISO time with zone; empty: always.", resets=ANEW),
    _sensor("statistic", CHOICE, "What the values are of the signal.", choices=("rms", "peak", "peak_to_peak", "mean")),
    _sensor("range_low", NUMBER, "Lowest value the instrument can show."),
    _sensor("range_high", NUMBER, "Highest value the instrument can show."),
    _sensor("span_low", NUMBER, "Lowest value expected in service."),
    _sensor("span_high", NUMBER, "Highest value expected in service."),
    _sensor("limit_ll", NUMBER, "Low-low limit."),
    _sensor("limit_l", NUMBER, "Low limit."),
    _sensor("limit_h", NUMBER, "High limit."),
    _sensor("limit_hh", NUMBER, "High-high limit."),
    _sensor("deadband", NUMBER, "A limit is left only when the value is this far back inside.", low=0),
    _sensor("delay_on_s", NUMBER, "A limit must be passed for this long, seconds.", low=0),
    _sensor("delay_off_s", NUMBER, "A limit must be left for this long, seconds; empty: 60, or 10 of its periods.", low=0),
    _sensor("rate_max", NUMBER, "Largest believable change, unit per second.", low=0, beyond=True),
    _sensor("resolution", NUMBER, "Smallest step the instrument can show.", low=0),
    _sensor("reporting", CHOICE, "How the source publishes.", choices=("unknown", "periodic", "by_exception")),
    _sensor("period_s", NUMBER, "Period or longest interval, seconds; empty: learnt.", low=0, beyond=True),
    _sensor("point", TEXT, "Measuring point: DE, NDE, ..."),
    _sensor("direction", CHOICE, "Measuring direction.", choices=("horizontal", "vertical", "axial", "radial")),
    _sensor("redundant_with", TEXT, "Another sensor that measures the same."),
    _sensor("coupled_with", RULE, "Sensors that move together with it on a healthy machine: PUMP1.flow; PUMP1.current"),
    _sensor("deep", FLAG, "Run the deep ensemble, too (34 kB of state): yes or no."),
)  # fmt: skip
BY_NAME: Final = MappingProxyType({column.name: column for column in COLUMNS})
HEADER: Final = tuple(BY_NAME)
NEEDED: Final = ("kind", "asset_id")
IDS: Final = ("kind", "asset_id", "sensor_id")
DEFAULTS: Final = MappingProxyType({
    "scale": 1.0, "offset": 0.0, "reporting": "unknown", "deep": False, "modes": [], "drivers": [], "bearings": [], "gear_teeth": [],
    "coupled_with": [],
})  # fmt: skip
