"""A dashboard: panels laid out from left to right, variables, annotations, links to its neighbours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grafana.panels import SOURCE, WIDTH, Model, Panel

SCHEMA_VERSION = 42  # the last one of the Classic model; Grafana 12 and later load it and migrate what they need
TAG = "smart-maintenance"


@dataclass(frozen=True, slots=True)
class Section:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard; uid is its permanent address (letters, digits, - and _, at most 40)."""

    uid: str
    title: str
    description: str
    sections: tuple[Section, ...]
    variables: tuple[Model, ...] = ()
    annotations: tuple[Model, ...] = ()
    since: str = "now-6h"
    refresh: str = "10s"

    def model(self) -> Model:
        """The dashboard as Classic JSON."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": [TAG],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,
            "fiscalYearStartMonth": 0,
            "timezone": "browser",
            "time": {"from": self.since, "to": "now"},
            "timepicker": {},
            "refresh": self.refresh,
            "links": [_neighbours()],
            "templating": {"list": list(self.variables)},
            "annotations": {"list": list(self.annotations)},
            "panels": list(_laid_out(self.sections)),
        }


def choice(name: str, label: str, description: str, sql: str) -> Model:
    """A variable whose values come from SQL; one of them is picked. Use it as ${name:sqlstring}."""
    return {
        "type": "query",
        "name": name,
        "label": label,
        "description": description,
        "datasource": SOURCE,
        "definition": sql.strip(),
        "query": sql.strip(),
        "refresh": 2,  # at each change of the time range
        "sort": 1,
        "regex": "",
        "multi": False,
        "includeAll": False,
        "hide": 0,
        "options": [],
        "current": {"selected": False, "text": "", "value": ""},  # Grafana takes the first one
    }


def search(name: str, label: str, description: str) -> Model:
    """A variable into which text is typed; empty matches everything."""
    empty = {"selected": True, "text": "", "value": ""}
    said = {"type": "textbox", "name": name, "label": label, "description": description}
    return {**said, "hide": 0, "query": "", "current": empty, "options": [empty]}


def pick(name: str, label: str, description: str, values: Sequence[str]) -> Model:
    """A variable with fixed values; the first is picked at the start."""
    options = [{"selected": value == values[0], "text": value, "value": value} for value in values]
    said = {"type": "custom", "name": name, "label": label, "description": description}
    return {**said, "hide": 0, "query": ",".join(values), "multi": False, "includeAll": False, "current": options[0], "options": options}


def annotation(name: str, colour: str, sql: str) -> Model:
    """Regions over every chart: the SQL gives time, timeend (epoch milliseconds), text, tags."""
    target = {"refId": "Anno", "datasource": SOURCE, "editorMode": "code", "format": "table", "rawQuery": True, "rawSql": sql.strip()}
    return {"name": name, "datasource": SOURCE, "enable": True, "hide": False, "iconColor": colour, "target": target}


def _neighbours() -> Model:
    return {
        "type": "dashboards",
        "title": "Smart Maintenance",
        "tags": [TAG],
        "asDropdown": False,
        "includeVars": False,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    }


def _laid_out(sections: Sequence[Section]) -> Iterable[Model]:
    number, y = 0, 0
    for section in sections:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": section.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
        }
        x, y, tallest = 0, y + 1, 0
        for panel in section.panels:
            if x + panel.width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            number += 1
            yield panel.model(number, x, y)
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
