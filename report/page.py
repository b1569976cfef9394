"""A report as one HTML file that needs nothing else: findings, figures and a plot of each sensor."""

from collections.abc import Sequence
from html import escape
from typing import Final

from report.envelope import Envelope
from report.examine import Report, Summary
from report.finding import Finding, figure, instant, span
from report.plot import COLOURS, drawing

STYLE: Final = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1080px; padding: 0 1em; color: #1c2833; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; } h3 { font-size: 1em; margin: 1.6em 0 .2em; }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
th, td { border-bottom: 1px solid #d5d8dc; padding: .3em .6em .3em 0; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.sure { display: inline-block; padding: 0 .5em; border-radius: .6em; color: #fff; font-size: .85em; }
.muted { color: #5d6d7e; } svg { display: block; width: 100%; height: auto; } text { font: 11px system-ui, sans-serif; fill: #5d6d7e; }
"""
COLUMNS: Final = (
    "sensor", "quantity", "unit", "reporting", "readings", "first", "last", "interval", "longest gap", "in gaps", "duplicates",
    "conflicting", "out of order", "invalid", "Good", "low", "median", "high",
)  # fmt: skip
TEXTS: Final = 4  # leading columns that hold text


def page(report: Report, title: str, scope: str) -> str:
    """The whole page, well-formed XML as well.

    Args:
        report: what to show.
        title: of the page.
        scope: in words: which data, which period.
    """
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="muted">{escape(scope)}</p>', _findings(report.findings), _figures(report.sensors)]
    parts.append("<h2>Sensors</h2>")
    for summary, plot in zip(report.sensors, report.plots, strict=True):
        parts.append(_sensor(summary, plot, [item for item in report.findings if summary.sensor in item.sensors]))
    named = f'<meta charset="utf-8"/><meta name="viewport" content="width=device-width"/><title>{escape(title)}</title>'
    head = f"{named}<style>{STYLE}</style>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "<h2>Findings</h2><p>None: nothing in these data asks for a correction.</p>"
    rows = "\n".join(
        f"<tr><td>{_badge(item)}</td><td>{escape(item.kind.replace('_', ' '))}</td><td>{escape(place(item))}</td>"
        f'<td>{escape(item.what)}<br/><span class="muted">{escape(item.remedy)}</span></td></tr>'
        for item in findings
    )
    head = "<tr><th>sure</th><th>kind</th><th>where</th><th>what, and what to do</th></tr>"
    return f"<h2>Findings ({len(findings)})</h2><table><thead>{head}</thead><tbody>\n{rows}\n</tbody></table>"


def place(finding: Finding) -> str:
    """Where a finding was made, in few words.

    >>> place(Finding("gap", "", "", asset="p", sensors=("p.a", "p.b", "p.c"))), place(Finding("clock", "", ""))
    ('p (3 sensors)', 'all')
    """
    if len(finding.sensors) > 2:
        return f"{finding.asset} ({len(finding.sensors)} sensors)"
    return ", ".join(finding.sensors) or finding.asset or "all"


def _badge(finding: Finding) -> str:
    return f'<span class="sure" style="background: {COLOURS[finding.sure]}">{finding.sure}</span>'


def _figures(sensors: Sequence[Summary]) -> str:
    head = "".join(f"<th{_number(at)}>{name}</th>" for at, name in enumerate(COLUMNS))
    rows = "\n".join(
        "<tr>" + "".join(f"<td{_number(at)}>{escape(cell)}</td>" for at, cell in enumerate(cells(summary))) + "</tr>" for summary in sensors
    )
    return f'<h2>Figures</h2><div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'


def _number(column: int) -> str:
    return "" if column < TEXTS else ' class="n"'


def cells(summary: Summary) -> list[str]:
    """The figures of a sensor as text, in the order of COLUMNS."""
    values = [figure(value) if value is not None else "" for value in (summary.low, summary.median, summary.high)]
    counts = (summary.duplicates, summary.conflicting, summary.out_of_order, summary.invalid)
    return [
        summary.sensor,
        summary.quantity,
        summary.unit,
        summary.reporting,
        str(summary.readings),
        instant(summary.first_us),
        instant(summary.last_us),
        "" if summary.period_s is None else span(summary.period_s),
        span(summary.longest_gap_s) if summary.longest_gap_s else "",
        f"{summary.gap_share:.2%}" if summary.gap_share else "",
        *(str(count or "") for count in counts),
        f"{summary.good:.1%}",
        *values,
    ]


def _sensor(summary: Summary, plot: Envelope, findings: Sequence[Finding]) -> str:
    unit = f" ({summary.unit})" if summary.unit else ""
    told = "".join(f"<br/>{_badge(item)} {escape(item.what)}" for item in findings if len(item.sensors) <= 2)
    return f"<h3>{escape(summary.sensor + unit)}</h3>{drawing(plot, findings)}<p>{told.removeprefix('<br/>')}</p>"
