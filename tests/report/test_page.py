from pathlib import Path
from xml.etree import ElementTree as ET

from report.envelope import envelope
from report.examine import Report, examine
from report.page import COLUMNS, cells, page
from report.plot import drawing
from tests.report import stranger
from tests.report.building import noise, series
from tests.report.stranger import Mistakes
from tests.report.test_examine import report


def parsed(found: Report) -> ET.Element:
    return ET.fromstring(page(found, "Data <report>", "a & b").split("\n", 1)[1])  # noqa: S314  our own page


def test_the_page_is_well_formed_and_needs_nothing_else(tmp_path: Path) -> None:
    found = report(tmp_path / "a.csv", Mistakes())
    root = parsed(found)
    text = page(found, "Data", "all")
    assert "http" not in text.replace("http-equiv", "")
    assert "<script" not in text
    assert len(root.findall(".//svg")) == len(stranger.COLUMNS)
    assert len(text) < 600_000
    [findings, figures] = root.findall(".//table")
    assert len(findings.findall("tbody/tr")) == len(found.findings)
    assert [cell.text for cell in figures.findall("thead/tr/th")] == list(COLUMNS)
    assert all(len(row.findall("td")) == len(COLUMNS) for row in figures.findall("tbody/tr"))


def test_lines_stay_inside_the_drawing_and_break_at_gaps() -> None:
    values = noise(5, 1, 1000)
    rows = series(values)
    kept = [*range(400), *range(700, 1000)]
    broken = series(values[kept], ts=rows.ts[kept])
    root = ET.fromstring(drawing(envelope(broken), []))  # noqa: S314  our own drawing
    lines = [line.attrib["points"].split() for line in root.findall("polyline")]
    assert len(lines) == 2
    points = [tuple(map(float, point.split(","))) for line in lines for point in line]
    assert all(76 <= x <= 960 and 8 <= y <= 88 for x, y in points)


def test_names_are_escaped_and_empty_series_shown_as_such() -> None:
    found = examine([series([], sensor="P1.<b>&"), series([5.0] * 50, sensor="P1.x")])
    root = parsed(found)
    assert [title.text for title in root.findall(".//h3")] == ["P1.<b>&", "P1.x"]
    assert "no reading with a value" in page(found, "", "")
    assert len(cells(found.sensors[0])) == len(COLUMNS)
