"""Marks: everything but readings that changes a score. Applied where they stand in the log."""

from typing import Any

from processors.state import TICK, State


def apply_mark(state: State, record: dict[str, Any], known_at_us: int) -> None:  # noqa: ARG001  see below
    """Change the state as a mark says; a mark that is not newer than the last of its kind and subject does nothing."""
    if record["kind"] == "tick":
        state.numbers[TICK] = max(int(state.numbers[TICK]), record["version"])
