"""Work orders of a plant as failures: a table with the columns asset, time and mode under any of their usual names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

NAMES: Final[Mapping[str, Sequence[str]]] = {
    "asset": ("asset", "asset_id", "machine", "equipment", "equipment_id", "tag", "functional location", "functional_location", "anlage"),
    "at": (
        "at", "time", "timestamp", "date", "datetime", "failed_at", "failure_time", "failure date", "malfunction start", "start", "datum",
    ),
    "mode": ("mode", "failure_mode", "failure mode", "text", "description", "short text", "cause", "title", "beschreibung"),
}  # fmt: skip
NEEDED: Final = ("asset", "at")


class OrdersError(ValueError):
    """The table cannot be used; the message names the place and the remedy."""


def places(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Where each column stands.

    Args:
        header: names of the columns.
        chosen: column by meaning (asset, at, mode), where the user named it.

    Raises:
        OrdersError: a column that is needed is missing, or two could be meant.

    >>> places(["Equipment", "Date", "Short text"], {})
    {'asset': 0, 'at': 1, 'mode': 2}
    """
    names = [name.strip().lower() for name in header]
    found: dict[str, int] = {}
    for meaning, usual in NAMES.items():
        wanted = [chosen[meaning].strip().lower()] if meaning in chosen else usual
        fitting = [at for at, name in enumerate(names) if name in wanted]
        if len(fitting) > 1 and meaning in NEEDED:
            told = ", ".join(header[at] for at in fitting)
            raise OrdersError(f"columns {told} could all be the {meaning}; name one with --{meaning}-column")
        if not fitting and (meaning in NEEDED or meaning in chosen):
            said = f"no column {chosen[meaning]!r}" if meaning in chosen else f"no column for {meaning} (one of {', '.join(usual)})"
            raise OrdersError(f"{said}; found: {', '.join(header) or 'an empty file'}; name it with --{meaning}-column")
        found |= {meaning: fitting[0]} if fitting else {}
    return found


def unknown(assets: Iterable[str], known: Iterable[str]) -> list[str]:
    """Assets of work orders that have no readings, in order of their names.

    >>> unknown(["P-1", "P-2"], ["P-2"])
    ['P-1']
    """
    return sorted(set(assets) - set(known))
