"""Zones: steady windows of vibration are held against a standard and what a person accepted (processors/grade.py)."""

from functools import partial

from processors import grade
from processors.machine import Machine
from processors.pattern.row import glance
from settings import Settings
from streams import background
from streams.steps import Fields, Rules, StepWork
from streams.topics import EVIDENCE
from streams.work import Place


def warm() -> None:
    """Nothing to compile."""


def begin(place: Place, settings: Settings, state: bytes | None) -> StepWork:
    """The work of one partition."""
    return StepWork(rules(background.current(settings).machines.about), place, state)


def rules(about: grade.About) -> Rules:
    """The agent's rules with what is known of machines."""
    return Rules(
        name="zones",
        takes=("Features",),
        empty=grade.empty,
        step=partial(grade.step, about=about),
        topic=EVIDENCE,
        schema="Evidence",
        key=lambda evidence: evidence["asset_id"],
        wants=partial(wants, about),
    )


def wants(about: grade.About, state: Fields, value: bytes) -> bool:
    """False for windows of other lengths, and of machines without a point of vibration unless a condition is open there."""
    found = glance(value)
    if found is None:
        return True
    asset, window_s = found
    machine = about(asset) if window_s == grade.WINDOW_S else ""
    return (isinstance(machine, Machine) and bool(grade.places(machine))) or (window_s == grade.WINDOW_S and grade.concerns(state, asset))
