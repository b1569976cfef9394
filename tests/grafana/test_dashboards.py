import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from grafana.files import BOARDS, FOLDER, export, rendered

CORE_PANELS = {"stat", "timeseries", "table", "state-timeline", "bargauge", "text"}
UNITS = {"none", "short", "percentunit", "s", "bytes", "recps", "rowsps", "dateTimeAsIso"}
MACROS = ("$__timeFilter(", "$__timeFrom()", "$__unixEpochFrom()")
FILES = {name: orjson.loads(content) for name, content in rendered().items()}


def panels() -> list[Any]:
    found = []
    for name, board in FILES.items():
        found += [pytest.param(panel, id=f"{name}:{panel['title']}") for panel in board["panels"] if panel["type"] != "row"]
    return found


def walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child)


def test_three_dashboards() -> None:
    assert [board.uid for board in BOARDS] == ["maintenance-plant", "maintenance-sensor", "maintenance-pipeline"]


@pytest.mark.parametrize("name", FILES)
def test_committed_files_are_what_the_code_makes(name: str) -> None:
    remedy = "run `maint dashboards export grafana/dashboards`"
    assert (FOLDER / name).read_bytes() == rendered()[name], remedy
    assert {path.name for path in FOLDER.iterdir()} == set(FILES), remedy


def test_export_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in export(tmp_path / "new")]
    assert [path.read_bytes() for path in export(tmp_path / "new")] == first


@pytest.mark.parametrize("name", FILES)
def test_dashboard_is_classic_with_a_legal_uid(name: str) -> None:
    board = FILES[name]
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", board["uid"])
    assert 39 <= board["schemaVersion"] <= 42
    assert board["title"]
    assert board["description"]
    assert "id" not in board  # numbers belong to one Grafana
    assert not {"apiVersion", "kind", "spec"} & set(board)


@pytest.mark.parametrize("name", FILES)
def test_panels_have_their_own_number_and_place(name: str) -> None:
    drawn = FILES[name]["panels"]
    assert len({panel["id"] for panel in drawn}) == len(drawn)
    taken: set[tuple[int, int]] = set()
    for panel in drawn:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24
        cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", panels())
def test_panel_says_what_it_shows_in_which_unit(panel: dict[str, Any]) -> None:
    assert panel["type"] in CORE_PANELS
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    for override in panel["fieldConfig"]["overrides"]:
        assert {entry["value"] for entry in override["properties"] if entry["id"] == "unit"} <= UNITS


@pytest.mark.parametrize("panel", panels())
def test_panel_follows_the_time_range_or_says_now(panel: dict[str, Any]) -> None:
    for target in panel.get("targets", []):
        follows = any(macro in target["rawSql"] for macro in MACROS)
        assert follows != panel["description"].startswith("Now: ")


@pytest.mark.parametrize("panel", panels())
def test_queries_are_sql_of_our_source_and_bounded(panel: dict[str, Any]) -> None:
    assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C"][: len(panel["targets"])]
    for target in panel["targets"]:
        assert target["rawQuery"] is True
        assert target["format"] == ("time_series" if panel["type"] in {"timeseries", "state-timeline"} else "table")
        assert not re.search(r"\b(insert|update|delete|drop)\b", target["rawSql"], re.IGNORECASE)
        assert not re.search(r"\bstore\.", target["rawSql"])  # readers see plant and ops
        if target["format"] == "time_series":
            assert 'AS "time"' in target["rawSql"]
            assert "ORDER BY" in target["rawSql"]


@pytest.mark.parametrize("name", FILES)
def test_source_is_named_by_uid_everywhere(name: str) -> None:
    sources = [node["datasource"] for node in walk(FILES[name]) if "datasource" in node]
    assert sources
    assert all(source == {"type": "grafana-postgresql-datasource", "uid": "maintenance"} for source in sources)


@pytest.mark.parametrize("name", FILES)
def test_variables_are_quoted_and_defined(name: str) -> None:
    board = FILES[name]
    defined = {variable["name"] for variable in board["templating"]["list"]}
    for node in walk(board):
        sql = node.get("rawSql") or (node.get("query") if node.get("type") == "query" else "") or ""
        used = {pair for pair in re.findall(r"\$\{?(\w+)(:\w+)?", sql) if not pair[0].startswith("__")}
        assert used <= {(variable, ":sqlstring") for variable in defined}


@pytest.mark.parametrize("panel", panels())
def test_states_are_numeric_codes_with_mappings(panel: dict[str, Any]) -> None:
    if panel["type"] == "state-timeline":
        assert panel["fieldConfig"]["defaults"]["mappings"]
    for node in walk(panel):
        for mapping in node.get("mappings", []):
            assert mapping["type"] == "value"
            assert all(re.fullmatch(r"-?\d+", code) for code in mapping["options"])


def test_links_lead_to_our_dashboards_and_known_variables() -> None:
    sensor = FILES["maintenance-sensor.json"]
    variables = {variable["name"] for variable in sensor["templating"]["list"]}
    found = [node["value"] for node in walk(list(FILES.values())) if node.get("id") == "links"]
    urls = [link["url"] for links in found for link in links]
    assert urls
    for url in urls:
        assert url.startswith(f"/d/{sensor['uid']}?")
        assert set(re.findall(r"var-(\w+)=", url)) <= variables
