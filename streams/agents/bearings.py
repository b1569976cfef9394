"""Bearings: stored spectra are searched for the lines of damaged parts (processors/lines.py)."""

from functools import partial

from processors import lines
from settings import Settings
from streams import background
from streams.steps import Rules, StepWork
from streams.topics import EVIDENCE
from streams.work import Place


def warm() -> None:
    """Nothing to compile."""


def begin(place: Place, settings: Settings, state: bytes | None) -> StepWork:
    """The work of one partition."""
    return StepWork(rules(background.current(settings).machines.about), place, state)


def rules(about: lines.About) -> Rules:
    """The agent's rules with what is known of machines."""
    return Rules(
        name="bearings",
        takes=("Spectrum",),
        empty=lines.empty,
        step=partial(lines.step, about=about),
        topic=EVIDENCE,
        schema="Evidence",
        key=lambda evidence: evidence["asset_id"],
    )
