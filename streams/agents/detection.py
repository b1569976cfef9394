"""Detection: all evidence of an asset becomes episodes (processors/episode.py)."""

from processors import episode
from settings import Settings
from streams.steps import Rules, StepWork
from streams.topics import ANOMALIES
from streams.work import Place

RULES = Rules(
    name="detection",
    takes=("Evidence", "Mark"),
    empty=episode.empty,
    step=episode.step,
    topic=ANOMALIES,
    schema="Anomaly",
    key=lambda anomaly: anomaly["asset_id"],
)


def warm() -> None:
    """Nothing to compile."""


def begin(place: Place, settings: Settings, state: bytes | None) -> StepWork:  # noqa: ARG001  the signature of every agent
    """The work of one partition."""
    return StepWork(RULES, place, state)
