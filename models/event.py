"""What changed in the registry, as a ModelEvent of the topic models.v1: worth a look at once, but the registry itself decides."""

from typing import Any, Final, Literal

from models.version import CHALLENGER, CHAMPION, PREVIOUS, Version
from schemas.identifiers import deterministic_id

Action = Literal["registered", "promoted", "rolled_back", "trial_started", "trial_stopped"]
ALIASES: Final = (CHAMPION, CHALLENGER, PREVIOUS)  # the first that a version has is told


def event(known: Version, action: Action, *, at_us: int, who: str, reason: str = "", before: int = 0) -> dict[str, Any]:  # noqa: PLR0913
    """The record of an event.

    Args:
        known: the version it is about, as the registry has it now.
        action: what happened to it.
        at_us: microseconds since 1970.
        who: name of the account or person.
        reason: why, as a person gave it.
        before: number of the version that was champion before; 0: none, or it still is.

    """
    return {
        "event_id": deterministic_id("model", known.name, known.number, action, at_us),
        "name": known.name,
        "version": known.number,
        "alias": next((alias for alias in ALIASES if alias in known.aliases), ""),
        "action": action,
        "digest": known.digest,
        "before": before,
        "who": who,
        "reason": reason,
        "ts": at_us,
        "created": known.created * 1000,
    }
