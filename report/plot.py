"""The plot of one sensor as SVG, with its findings as coloured bands."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final

import numpy as np

from report.envelope import Envelope
from report.finding import Finding, Sure, instant

WIDTH: Final = 960
HEIGHT: Final = 110
LEFT: Final = 76  # room for the labels of the axis
TOP, FOOT = 8, 22
EMPTY: Final = 3  # stretches without a reading that interrupt the line
BAND_MIN: Final = 2.0  # so that a short finding is seen
COLOURS: Final[dict[Sure, str]] = {"certain": "#c0392b", "likely": "#b9770e", "possible": "#2471a3"}
TIMELESS: Final = ("clock", "by_exception", "duplicate")

Place = Callable[[float], float]


def drawing(plot: Envelope, findings: Sequence[Finding]) -> str:
    """The plot, or a line that says there is nothing to plot."""
    if not len(plot.ts):
        return '<p class="muted">no reading with a value</p>'
    first, last = int(plot.ts[0]), int(plot.ts[-1]) + plot.width_us
    low, high = float(plot.low.min()), float(plot.high.max())
    room = high - low or abs(high) or 1.0

    def across(ts_us: float) -> float:
        return LEFT + (WIDTH - LEFT) * min(max((ts_us - first) / (last - first), 0.0), 1.0)

    def down(value: float) -> float:
        return TOP + (HEIGHT - TOP - FOOT) * (1 - (value - low) / room)

    marked = [item for item in findings if item.since_us is not None and item.kind not in TIMELESS]
    bands = "".join(_band(item, last, across) for item in marked)
    lines = "".join(_line(points) for points in _pieces(plot, across, down))
    frame = f'<path d="M{LEFT} 4V{HEIGHT - FOOT + 4}H{WIDTH}" fill="none" stroke="#aeb6bf"/>'
    name = escape(f"Values of {plot.sensor} over time", quote=True)
    labels = _labels(f"{low:.4g}", f"{high:.4g}", instant(first), instant(last - plot.width_us))
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">{bands}{frame}{lines}{labels}</svg>'


def _band(finding: Finding, last_us: int, across: Place) -> str:
    since = finding.since_us or 0
    until = last_us if finding.until_us is None else finding.until_us
    left, width = across(since), max(across(until) - across(since), BAND_MIN)
    title = f"<title>{escape(finding.what)}</title>"
    size = f'x="{left:.1f}" y="4" width="{width:.1f}" height="{HEIGHT - FOOT}"'
    return f'<rect {size} fill="{COLOURS[finding.sure]}" fill-opacity="0.16">{title}</rect>'


def _line(points: str) -> str:
    return f'<polyline fill="none" stroke="#1f618d" stroke-width="1.2" stroke-linejoin="round" points="{points}"/>'


def _pieces(plot: Envelope, across: Place, down: Place) -> Iterator[str]:
    """Points of each unbroken stretch: lowest and highest value at each place."""
    cuts = np.flatnonzero(np.diff(plot.ts) > EMPTY * plot.width_us) + 1
    for part in np.split(np.arange(len(plot.ts)), cuts):
        points = []
        for at in part.tolist():
            x, pair = across(int(plot.ts[at])), (float(plot.low[at]), float(plot.high[at]))
            points += [f"{x:.1f},{down(value):.1f}" for value in dict.fromkeys(pair)]
        points += [f"{across(int(plot.ts[part[0]]) + plot.width_us):.1f},{points[0].split(',')[1]}"] if len(points) == 1 else []
        yield " ".join(points)


def _labels(low: str, high: str, first: str, last: str) -> str:
    beside, below = LEFT - 6, HEIGHT - 3
    return (
        f'<text x="{beside}" y="{TOP + 8}" text-anchor="end">{high}</text>'
        f'<text x="{beside}" y="{HEIGHT - FOOT}" text-anchor="end">{low}</text>'
        f'<text x="{LEFT}" y="{below}">{first}</text>'
        f'<text x="{WIDTH}" y="{below}" text-anchor="end">{last}</text>'
    )
