"""Spectra as SVG: one panel each, with the names of the lines that have one."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from processors.spectrum import Spectrum

WIDTH: Final = 960
HEIGHT: Final = 260  # of a panel
LEFT, TOP, FOOT = 76, 34, 26
TICKS: Final = 5


def drawing(panels: Sequence[tuple[Spectrum, Sequence[Mapping[str, Any]]]]) -> str:
    """A file with one panel per spectrum.

    Args:
        panels: each with its lines: mappings with hz, amplitude and name.
    """
    size = f'viewBox="0 0 {WIDTH} {HEIGHT * len(panels)}" width="{WIDTH}" height="{HEIGHT * len(panels)}"'
    body = "".join(f'<g transform="translate(0 {HEIGHT * n})">{_panel(*panel)}</g>' for n, panel in enumerate(panels))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">{body}</svg>'


def _panel(found: Spectrum, lines: Sequence[Mapping[str, Any]]) -> str:
    last_hz = found.first_hz + max(len(found.amplitude) - 1, 1) * found.df_hz
    high = float(found.amplitude.max()) or 1.0

    def across(hz: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * hz / last_hz

    def down(value: float) -> float:
        return TOP + (HEIGHT - TOP - FOOT) * (1.0 - value / high)

    points = " ".join(
        f"{across(found.first_hz + i * found.df_hz):.1f},{down(value):.1f}" for i, value in enumerate(found.amplitude.tolist())
    )
    parts = [
        f'<text x="{LEFT}" y="14" font-weight="bold">{escape(found.kind)}, {escape(found.unit)} rms</text>',
        f'<path d="M{LEFT} {TOP}V{HEIGHT - FOOT}H{WIDTH - 10}" fill="none" stroke="#aeb6bf"/>',
        f'<polyline fill="none" stroke="#1f618d" stroke-width="1" points="{points}"/>',
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{high:.3g}</text>',
    ]
    parts += [_text(across(last_hz * n / TICKS), HEIGHT - 8, f"{last_hz * n / TICKS:.4g} Hz", "#566573") for n in range(TICKS + 1)]
    parts += [_text(across(line["hz"]), down(line["amplitude"]) - 4, line["name"], "#c0392b") for line in lines if line["name"]]
    return "".join(parts)


def _text(x: float, y: float, text: str, colour: str) -> str:
    anchor = "end" if x > WIDTH - 60 else "middle"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
