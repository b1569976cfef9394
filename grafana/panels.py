"""Panels of the dashboards: small builders of Grafana's Classic JSON, core panels only.

Every query asks the data source by its uid, every panel says in one sentence what it shows, and states are
numeric codes with mappings, because text states collapse in a timeline.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

Model = dict[str, Any]

SOURCE = {"type": "grafana-postgresql-datasource", "uid": "maintenance"}
WIDTH = 24  # columns of Grafana's grid
REDUCED = {"calcs": ["lastNotNull"], "fields": "/.*/", "values": False}
LEGEND = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `queries` are SQL texts, drawn in this order as A, B, ..."""

    kind: str
    title: str
    description: str
    width: int
    height: int
    queries: tuple[str, ...] = ()
    form: str = "table"
    options: Model = field(default_factory=dict)
    defaults: Model = field(default_factory=dict)
    overrides: tuple[Model, ...] = ()
    points_max: int | None = None

    def sized(self, width: int, height: int) -> "Panel":
        """The same panel in another size, in units of the grid."""
        return replace(self, width=width, height=height)

    def shown(self, *overrides: Model, **defaults: object) -> "Panel":
        """The same panel with further overrides and defaults of its fields."""
        return replace(self, overrides=self.overrides + overrides, defaults={**self.defaults, **defaults})

    def model(self, number: int, x: int, y: int) -> Model:
        """The panel as Classic JSON at a place of the grid."""
        drawn: Model = {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "options": self.options,
            "fieldConfig": {"defaults": self.defaults, "overrides": list(self.overrides)},
        }
        if self.queries:
            drawn["datasource"] = SOURCE
            drawn["targets"] = [_target(chr(ord("A") + place), sql, self.form) for place, sql in enumerate(self.queries)]
        if self.points_max:
            drawn["maxDataPoints"] = self.points_max
        return drawn


def stat(title: str, description: str, sql: str, *, unit: str, steps: Model | None = None) -> Panel:
    """One number; `steps` colours it."""
    options = {
        "colorMode": "value" if steps else "none",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": REDUCED,
        "showPercentChange": False,
        "textMode": "value",
        "wideLayout": True,
    }
    return Panel("stat", title, description, 4, 4, (sql,), options=options, defaults={"unit": unit, "thresholds": steps or levels("text")})


def series(title: str, description: str, *queries: str, unit: str, style: Literal["lines", "bars"] = "lines") -> Panel:
    """Values over time, as lines or stacked bars; the queries give `time`, `metric` (optional) and the value."""
    bars = style == "bars"
    custom = {
        "drawStyle": "bars" if bars else "line",
        "fillOpacity": 60 if bars else 0,
        "lineWidth": 1,
        "pointSize": 4,
        "showPoints": "auto",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if bars else "none"},
    }
    options = {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
    defaults = {"unit": unit, "custom": custom, "color": {"mode": "palette-classic"}}
    return Panel("timeseries", title, description, 12, 8, queries, "time_series", options=options, defaults=defaults)


def table(title: str, description: str, sql: str, *columns: Model) -> Panel:
    """Rows; `columns` are overrides made by column()."""
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False}
    options = {"cellHeight": "sm", "frameIndex": 0, "showHeader": True}
    defaults = {"unit": "short", "custom": custom}
    return Panel("table", title, description, WIDTH, 8, (sql,), options=options, defaults=defaults, overrides=columns)


def timeline(title: str, description: str, sql: str, mappings: list[Model]) -> Panel:
    """One coloured line per asset or sensor; the value is a numeric code."""
    options = {
        "alignValue": "left",
        "legend": {**LEGEND, "showLegend": False},
        "mergeValues": True,
        "rowHeight": 0.9,
        "showValue": "never",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    defaults = {"unit": "none", "mappings": mappings, "color": {"mode": "thresholds"}, "custom": {"fillOpacity": 80, "lineWidth": 0}}
    return Panel("state-timeline", title, description, WIDTH, 9, (sql,), "time_series", options, defaults, points_max=200)


def ranking(title: str, description: str, sql: str, *, unit: str) -> Panel:
    """One bar per row: a text column and a number."""
    options = {
        "displayMode": "basic",
        "legend": {**LEGEND, "showLegend": False},
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": [], "fields": "", "values": True},
        "showUnfilled": False,
        "sizing": "auto",
        "valueMode": "color",
    }
    defaults = {"unit": unit, "min": 0, "color": {"mode": "fixed", "fixedColor": "blue"}}
    return Panel("bargauge", title, description, 8, 8, (sql,), options=options, defaults=defaults)


def note(title: str, description: str, text: str) -> Panel:
    """Markdown: what a reader must know, and links."""
    return Panel("text", title, description, WIDTH, 3, options={"content": text, "mode": "markdown"})


def column(name: str, *looks: Model, unit: str = "", width: int = 0) -> Model:
    """How a table shows the column `name`; looks come from coded(), coloured() and linked()."""
    properties = {key: value for look in looks for key, value in look.items()}
    return _override({"id": "byName", "options": name}, {"unit": unit or None, "custom.width": width or None, **properties})


def coded(mappings: list[Model]) -> Model:
    """Cells of numeric codes, shown as coloured words."""
    return {"mappings": mappings, "custom.cellOptions": {"type": "color-background", "mode": "basic"}}


def coloured(steps: Model) -> Model:
    """Cells whose text has the colour of its level."""
    return {"thresholds": steps, "color": {"mode": "thresholds"}, "custom.cellOptions": {"type": "color-text"}}


def linked(title: str, url: str) -> Model:
    """Cells that are plain links; the address may hold ${__data.fields.NAME}."""
    return {"links": [{"title": title, "url": url, "targetBlank": False}]}


def line(pattern: str, colour: str) -> Model:
    """Draw the series whose name matches a regular expression as a dashed line of one colour: a limit."""
    style = {"fill": "dash", "dash": [8, 6]}
    properties = {"color": {"mode": "fixed", "fixedColor": colour}, "custom.lineStyle": style, "custom.showPoints": "never"}
    return _override({"id": "byRegexp", "options": pattern}, properties)


def levels(first: str, *more: tuple[float, str]) -> Model:
    """Thresholds: the colour of everything, then (from, colour) ascending."""
    steps = [{"color": first, "value": None}, *({"color": colour, "value": start} for start, colour in more)]
    return {"mode": "absolute", "steps": steps}


def codes(*states: tuple[int, str, str]) -> list[Model]:
    """Mapping of numeric codes to (code, text, colour)."""
    named = {str(code): {"text": text, "color": colour, "index": place} for place, (code, text, colour) in enumerate(states)}
    return [{"type": "value", "options": named}]


def _target(letter: str, sql: str, form: str) -> Model:
    return {"refId": letter, "datasource": SOURCE, "editorMode": "code", "format": form, "rawQuery": True, "rawSql": sql.strip()}


def _override(matcher: Model, properties: Model) -> Model:
    return {"matcher": matcher, "properties": [{"id": name, "value": value} for name, value in properties.items() if value is not None]}
