"""Dashboard "Sensor": one sensor's values, limits, surprise, windows, what was corrected, and the episodes of its asset."""

from grafana.board import Board, Section, annotation, choice, pick
from grafana.panels import coded, codes, coloured, column, levels, line, series, table, timeline

ASSETS = "SELECT asset FROM plant.asset ORDER BY asset"
SENSORS = "SELECT sensor FROM plant.sensor WHERE asset = ${asset:sqlstring} ORDER BY sensor"
MINE = "sensor = ${sensor:sqlstring}"
SPAN_S = "$__unixEpochTo() - $__unixEpochFrom()"
RAW, MINUTES, HOURS = f"{SPAN_S} <= 7200", f"{SPAN_S} > 7200 AND {SPAN_S} <= 259200", f"{SPAN_S} > 259200"

SENSOR_STATES = codes((0, "discovered", "text"), (1, "learning", "blue"), (2, "monitored", "green"), (3, "out of service", "orange"))
QUALITIES = codes((0, "good", "green"), (1, "uncertain or mixed", "yellow"), (2, "bad", "red"))
PHASES = codes((0, "begins", "red"), (1, "gets worse", "orange"), (2, "over", "green"))


def by_range(raw: str, rolled: str) -> str:
    """SQL for one value per time: single readings up to 2 hours, minutes up to 3 days, hours beyond."""
    return f"""
SELECT ts AS "time", {raw} FROM plant.measurement WHERE {MINE} AND $__timeFilter(ts) AND {RAW}
UNION ALL
SELECT ts, {rolled} FROM plant.measurement_1m WHERE {MINE} AND $__timeFilter(ts) AND {MINUTES}
UNION ALL
SELECT ts, {rolled} FROM plant.measurement_1h WHERE {MINE} AND $__timeFilter(ts) AND {HOURS}
ORDER BY 1
LIMIT 50000
"""


def windows(columns: str) -> str:
    """SQL for features of the chosen window length."""
    return f"""
SELECT start AS "time", {columns}
FROM plant.feature
WHERE asset = ${{asset:sqlstring}} AND {MINE} AND window_s = ${{window:sqlstring}} AND $__timeFilter(start)
ORDER BY 1
LIMIT 20000
"""


ABOUT = f"""
SELECT quantity, unit, array_position(ARRAY['discovered', 'learning', 'monitored', 'out_of_service'], state) - 1 AS state,
  last_ts AS newest, last_value AS value, upper(lpad(to_hex(last_status), 8, '0')) AS "status code", limit_ll, limit_l, limit_h, limit_hh,
  range_low, range_high, rate_max, period_s, gateway, catalogued
FROM plant.sensor WHERE {MINE}
"""

VALUE = by_range("quantity || coalesce(' [' || unit || ']', '') AS metric, value", "quantity || coalesce(' [' || unit || ']', ''), mean")
EXTREMES = f"""
SELECT ts AS "time", min AS "smallest", max AS "largest" FROM plant.measurement_1m WHERE {MINE} AND $__timeFilter(ts) AND {MINUTES}
UNION ALL
SELECT ts, min, max FROM plant.measurement_1h WHERE {MINE} AND $__timeFilter(ts) AND {HOURS}
ORDER BY 1
LIMIT 50000
"""
LIMITS = f"""
SELECT t AS "time", limit_hh AS "HH", limit_h AS "H", limit_l AS "L", limit_ll AS "LL"
FROM plant.sensor CROSS JOIN (VALUES ($__timeFrom()::timestamptz), ($__timeTo()::timestamptz)) AS edges (t)
WHERE {MINE}
ORDER BY 1
"""
SCORE = by_range("score AS surprise", "score_max")
QUALITY = by_range(
    "'quality' AS metric, least(status >> 30, 2)::int AS quality", "'quality', CASE WHEN good >= 1 THEN 0 WHEN good > 0 THEN 1 ELSE 2 END"
)

EPISODES = """
SELECT e.start, e."end", e.kind, e.severity, e.surprise, c.share AS "share of this sensor", c.value, c.expected, e.subject, e.model
FROM plant.episode e
LEFT JOIN plant.episode_contribution c ON c.episode_id = e.episode_id AND c.sensor = ${sensor:sqlstring}
WHERE e.asset = ${asset:sqlstring} AND e.start <= $__timeTo()::timestamptz
  AND coalesce(e."end", $__timeTo()::timestamptz) >= $__timeFrom()::timestamptz
ORDER BY e.start DESC
LIMIT 200
"""

EVIDENCE = f"""
SELECT ts AS "time", array_position(ARRAY['on', 'peak', 'off'], phase) - 1 AS phase, detector, kind, value, expected, surprise, threshold,
  severity, subject, since
FROM plant.evidence
WHERE asset = ${{asset:sqlstring}} AND {MINE} AND $__timeFilter(ts)
ORDER BY ts DESC
LIMIT 500
"""

REVISIONS = """
SELECT r.ts AS "time", r.value AS "replaced value", m.value AS "current value", r.known_at AS "replaced value known at",
  m.known_at AS "current value known at"
FROM plant.measurement_revision r
JOIN plant.measurement m ON m.sensor_id = r.sensor_id AND m.ts = r.ts
WHERE r.sensor = ${sensor:sqlstring} AND $__timeFilter(r.ts)
ORDER BY r.ts DESC, r.known_at DESC
LIMIT 500
"""

MARKED = """
SELECT extract(epoch FROM start) * 1000 AS "time", extract(epoch FROM coalesce("end", $__timeTo()::timestamptz)) * 1000 AS timeend,
  kind || ', severity ' || severity || CASE WHEN open THEN ', open' ELSE '' END AS text, subject || ',' || kind AS tags
FROM plant.episode
WHERE asset = ${asset:sqlstring} AND start <= $__timeTo()::timestamptz
  AND coalesce("end", $__timeTo()::timestamptz) >= $__timeFrom()::timestamptz
ORDER BY start
LIMIT 500
"""

TIMES = ("time", "start", "end", "newest", "since", "replaced value known at", "current value known at")
TIME_COLUMNS = tuple(column(name, unit="dateTimeAsIso", width=180) for name in TIMES)
SEVERITY = column("severity", coloured(levels("text", (3, "orange"), (4, "red"))), unit="none", width=90)
SHARE = column("share of this sensor", {"decimals": 0}, unit="percentunit")

READINGS = (
    table("About", "Now: what the catalogue and the platform know of this sensor.", ABOUT,
          column("state", coded(SENSOR_STATES), unit="none"),
          column("newest", unit="dateTimeAsIso", width=180)).sized(24, 4),
    series("Value and limits", "Readings up to 2 hours, means of minutes up to 3 days, of hours beyond, in the unit of the sensor; "
           "dashed: the limits of the catalogue.", VALUE, EXTREMES, LIMITS, unit="none")
    .sized(24, 11).shown(line("^(HH|LL)$", "red"), line("^(H|L)$", "orange")),
    timeline("Quality", "OPC UA status of the readings; mixed means that a minute or hour holds good and other ones.", QUALITY, QUALITIES)
    .sized(24, 4),
    series("Surprise", "-log10 of the probability of such a value in normal operation; the largest of each minute or hour in long ranges.",
           SCORE, unit="none").sized(24, 7),
)  # fmt: skip

FEATURES = (
    series("Level", "Mean, smallest and largest value of each window.", windows("mean, min, max"), unit="none"),
    series("Spread", "Standard deviation, rms and peak to peak of each window.", windows("std, rms, peak_to_peak"), unit="none"),
    series("Shape", "Kurtosis (3 for a normal distribution) and crest factor of each window.", windows("kurtosis, crest"), unit="none"),
    series("Slope", "Least-squares slope of each window, unit of the sensor per second.", windows("slope"), unit="none"),
)

BOARD = Board(
    uid="maintenance-sensor",
    title="Sensor",
    description="One sensor: values with limits and surprise, quality, windows, evidence, corrected readings, episodes of its asset.",
    since="now-2h",
    variables=(
        choice("asset", "Asset", "The asset.", ASSETS),
        choice("sensor", "Sensor", "A sensor of the asset.", SENSORS),
        pick("window", "Window (s)", "Length of the windows whose features are shown, seconds.", ("60", "10", "600")),
    ),
    annotations=(annotation("Episodes of the asset", "orange", MARKED),),
    sections=(
        Section("Readings", READINGS),
        Section("Windows", FEATURES),
        Section("What the platform made of it", (
            table("Episodes", "Episodes of the asset that touch the time range, with this sensor's share.", EPISODES,
                  *TIME_COLUMNS, SEVERITY, SHARE),
            table("Evidence", "Conditions of this sensor as they began, got worse and ended.", EVIDENCE, *TIME_COLUMNS, SEVERITY,
                  column("phase", coded(PHASES), unit="none", width=110)),
            table("Corrected readings", "Values that a later message replaced, beside the value that stands now.", REVISIONS,
                  *TIME_COLUMNS),
        )),
    ),
)  # fmt: skip
