"""Dashboard "Plant": what is wrong with which machine, since when and why; which sensors cannot be trusted."""

from grafana.board import Board, Section, search
from grafana.panels import coded, codes, coloured, column, levels, linked, ranking, series, stat, table, timeline

SENSOR_PAGE = "/d/maintenance-sensor?var-asset=${__data.fields.asset}&${__url_time_range}"
ASSET_STATES = codes(
    (0, "normal", "green"), (1, "learning", "blue"), (2, "sensor in doubt", "purple"), (3, "warning", "orange"), (4, "alarm", "red")
)
SUBJECTS = codes((0, "machine", "orange"), (1, "sensor", "purple"))
SEVERITY = levels("text", (3, "orange"), (4, "red"))
FOUND = "strpos(lower({}), lower(${{search:sqlstring}})) > 0"

OPEN_COUNT = "SELECT count(*) AS episodes FROM plant.episode WHERE open AND NOT historical AND subject = {} AND severity >= {}"

READING_AGE = "SELECT extract(epoch FROM now() - max(last_ts)) AS age FROM plant.sensor"

OPEN = f"""
SELECT e.start AS since, e.asset, e.severity, (e.subject = 'sensor')::int AS subject, e.kind, e.surprise, c.sensors, e.last AS newest,
  e.quality, e.historical, e.model
FROM plant.episode e
LEFT JOIN LATERAL (
  SELECT string_agg(sensor || ' ' || round(share * 100) || ' %', ', ' ORDER BY share DESC) AS sensors
  FROM plant.episode_contribution WHERE episode_id = e.episode_id) c ON true
WHERE e.open AND {FOUND.format("e.asset")}
ORDER BY e.severity DESC, e.start DESC
LIMIT 500
"""

STATE = """CASE WHEN max(e.severity) FILTER (WHERE e.subject = 'machine') >= 4 THEN 4
    WHEN bool_or(e.subject = 'machine') THEN 3
    WHEN bool_or(e.subject = 'sensor') THEN 2"""

ASSETS = f"""
SELECT a.asset, coalesce(o.state, CASE WHEN s.learning > 0 THEN 1 ELSE 0 END) AS state, o.episodes, a.sensors, s.learning, a.criticality,
  a.site, s.newest
FROM plant.asset a
LEFT JOIN (
  SELECT e.asset, count(*) AS episodes, {STATE} END AS state
  FROM plant.episode e WHERE e.open AND NOT e.historical GROUP BY e.asset) o ON o.asset = a.asset
LEFT JOIN (
  SELECT asset, count(*) FILTER (WHERE state IN ('discovered', 'learning')) AS learning, max(last_ts) AS newest
  FROM plant.sensor GROUP BY asset) s ON s.asset = a.asset
WHERE {FOUND.format("a.asset")}
ORDER BY 2 DESC, 3 DESC NULLS LAST, 1
LIMIT 1000
"""

HISTORY = f"""
WITH seen AS (
  SELECT asset, subject, severity, start, coalesce("end", $__timeTo()::timestamptz) AS until
  FROM plant.episode
  WHERE start <= $__timeTo()::timestamptz AND coalesce("end", $__timeTo()::timestamptz) >= $__timeFrom()::timestamptz
    AND {FOUND.format("asset")}),
worst AS (SELECT asset FROM seen GROUP BY asset ORDER BY max(severity) DESC, max(until) DESC, asset LIMIT 25)
SELECT t AS "time", w.asset AS metric, {STATE} ELSE 0 END AS state
FROM worst w
CROSS JOIN generate_series($__timeFrom()::timestamptz, $__timeTo()::timestamptz, interval '$__interval') t
LEFT JOIN seen e ON e.asset = w.asset AND e.start < t + interval '$__interval' AND e.until >= t
GROUP BY t, w.asset
ORDER BY t, w.asset
"""

PER_DAY = f"""
SELECT date_trunc('day', start) AS "time", subject AS metric, count(*) AS episodes
FROM plant.episode
WHERE $__timeFilter(start) AND {FOUND.format("asset")}
GROUP BY 1, 2
ORDER BY 1, 2
"""

KINDS = f"""
SELECT kind || ' (' || subject || ')' AS kind, count(*) AS episodes
FROM plant.episode
WHERE $__timeFilter(start) AND {FOUND.format("asset")}
GROUP BY kind, subject
ORDER BY 2 DESC, 1
LIMIT 20
"""

DOUBTED = f"""
SELECT e.start AS since, e.asset, c.sensor, c.kind, nullif(e."grouped", 0) AS "assets together", e.last AS newest, c.detector
FROM plant.episode e
JOIN plant.episode_contribution c USING (episode_id)
WHERE e.open AND e.subject = 'sensor' AND {FOUND.format("e.asset")}
ORDER BY e.start DESC, c.sensor
LIMIT 500
"""

BAD = f"""
SELECT last_ts AS newest, asset, sensor, upper(lpad(to_hex(last_status), 8, '0')) AS "status code", quantity, state, gateway
FROM plant.sensor
WHERE last_status >= 1073741824 AND {FOUND.format("asset")}
ORDER BY last_ts DESC
LIMIT 500
"""

FUTURE = f"""
SELECT p.asset, p.health, p.maintenance_type AS advice, p.severity, nullif(p.limit_sensor, '') AS sensor, p.limit_d AS "days to limit",
  p.limit_low_d AS "at the soonest", p.limit_high_d AS "at the latest", p.rul_d AS "remaining life, days",
  nullif(p.limit_reason, '') AS "no limit because", p.ts AS "as of", p.duty
FROM plant.prediction_now p
WHERE NOT p.historical AND {FOUND.format("p.asset")}
ORDER BY p.severity DESC, least(p.limit_d, p.rul_d), p.health, p.asset
LIMIT 500
"""

HEALTH = f"""
WITH worst AS (SELECT asset FROM plant.prediction_now WHERE {FOUND.format("asset")} AND health IS NOT NULL ORDER BY health, asset LIMIT 15)
SELECT p.ts AS "time", p.asset AS metric, p.health
FROM plant.prediction p JOIN worst USING (asset)
WHERE $__timeFilter(p.ts) AND p.health IS NOT NULL
ORDER BY 1, 2
"""

ASSET_LINK = linked("Open the sensors of this asset", SENSOR_PAGE)
SENSOR_LINK = linked("Open this sensor", SENSOR_PAGE.replace("&", "&var-sensor=${__data.fields.sensor}&", 1))

NOW = (
    stat("Alarms", "Now: open episodes of machines with severity 4 or 5.", OPEN_COUNT.format("'machine'", 4), unit="none",
         steps=levels("green", (1, "red"))),
    stat("Machine episodes", "Now: all open episodes of machines.", OPEN_COUNT.format("'machine'", 0), unit="none",
         steps=levels("green", (1, "orange"))),
    stat("Sensor episodes", "Now: open episodes in which a sensor itself is in doubt.", OPEN_COUNT.format("'sensor'", 0), unit="none",
         steps=levels("green", (1, "purple"))),
    stat("Age of the newest reading", "Now: time since the newest reading of the plant, by its own time stamp.", READING_AGE, unit="s",
         steps=levels("green", (60, "orange"), (600, "red"))),
)  # fmt: skip

OPEN_TABLE = table(
    "Open episodes",
    "Now: every open episode, the most severe first. Surprise is -log10 of the probability of such a value in normal operation; "
    "sensors are named with their share in the episode.",
    OPEN,
    column("since", unit="dateTimeAsIso", width=170),
    column("newest", unit="dateTimeAsIso", width=170),
    column("asset", ASSET_LINK, width=160),
    column("severity", coloured(SEVERITY), unit="none", width=90),
    column("subject", coded(SUBJECTS), unit="none", width=100),
    column("surprise", {"decimals": 1}, unit="none", width=90),
    column("sensors", width=360),
    column("quality", {"decimals": 0}, unit="percentunit", width=80),
).sized(24, 9)

ASSET_TABLE = table(
    "Assets",
    "Now: every asset with the state that follows from its open episodes; learning means that sensors still collect what is normal.",
    ASSETS,
    column("asset", ASSET_LINK, width=180),
    column("state", coded(ASSET_STATES), unit="none", width=140),
    column("newest", unit="dateTimeAsIso", width=170),
).sized(24, 9)

FUTURE_TABLE = table(
    "What is coming",
    "Now: newest prediction of each asset, the most urgent first. Days to limit come from the trend against the accepted reference, with "
    "an interval of 90 %; where there is none, the reason stands beside. Advisory: candidates, not findings.",
    FUTURE,
    column("asset", ASSET_LINK, width=160),
    column("health", {"decimals": 2, "min": 0, "max": 1}, coloured(levels("red", (0.5, "orange"), (0.8, "green"))), unit="none", width=80),
    column("severity", coloured(SEVERITY), unit="none", width=90),
    column("sensor", width=200),
    column("days to limit", {"decimals": 1}, unit="none", width=110),
    column("at the soonest", {"decimals": 1}, unit="none", width=110),
    column("at the latest", {"decimals": 1}, unit="none", width=110),
    column("as of", unit="dateTimeAsIso", width=170),
    column("duty", {"decimals": 0}, unit="percentunit", width=80),
).sized(24, 9)

DOUBTED_TABLE = table(
    "Silent and faulty sensors",
    "Now: sensors in open sensor episodes. When a gateway falls silent its sensors are one episode and at most 20 are named.",
    DOUBTED,
    column("since", unit="dateTimeAsIso", width=170),
    column("newest", unit="dateTimeAsIso", width=170),
    column("sensor", SENSOR_LINK, width=200),
).sized(14, 8)

BAD_TABLE = table(
    "Sensors whose newest reading is not good",
    "Now: sensors whose newest reading has an OPC UA status that is uncertain (4...) or bad (8...).",
    BAD,
    column("newest", unit="dateTimeAsIso", width=170),
    column("sensor", SENSOR_LINK, width=200),
).sized(10, 8)

BOARD = Board(
    uid="maintenance-plant",
    title="Plant",
    description="Open episodes with severity, surprise and contributing sensors; what is coming; state of the assets; sensors in doubt.",
    variables=(search("search", "Asset contains", "Only assets whose name contains this text; empty: all."),),
    sections=(
        Section("Now", (*NOW, OPEN_TABLE, FUTURE_TABLE, ASSET_TABLE)),
        Section("Over time", (
            timeline("State of assets", "The 25 assets with the worst episodes of the time range, worst state of each step.", HISTORY,
                     ASSET_STATES),
            series("Episodes per day", "Episodes by the day on which they began (UTC).", PER_DAY, unit="none", style="bars").sized(16, 8),
            ranking("Episodes by kind", "Episodes of the time range by kind of the strongest evidence.", KINDS, unit="none"),
        )),
        Section("Health", (
            series("Health of the worst assets", "The 15 assets of the least health, hourly: 1 within the usual scatter, 0 at a limit.",
                   HEALTH, unit="none").sized(24, 8),
        )),
        Section("Sensors", (DOUBTED_TABLE, BAD_TABLE)),
    ),
)  # fmt: skip
