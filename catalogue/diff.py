"""What importing a sheet changes: by entry and field, with the live state each change resets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from catalogue import cell
from catalogue.columns import ASSET, BY_NAME, SENSOR
from catalogue.entry import Catalogue, Entry, Subject, blank, fields, subject

OUT: Final = "decommissioned"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that an import changes. `before` and `after` as the sheet shows them; None = not stated."""

    kind: str
    id: str
    field: str
    before: Any
    after: Any
    resets: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Entries to publish, without a new version yet, and their changes."""

    entries: list[Entry]
    changes: list[Change]


def compare(wanted: Iterable[Entry], known: Catalogue) -> Difference:
    """Entries that differ from those in force. A new entry changes every field it states, and `entry` if it states none."""
    entries, changes = [], []
    for entry in wanted:
        found = list(_changes(entry, known.get(subject(entry))))
        if found:
            entries.append(entry)
            changes += found
    return Difference(entries, changes)


def pruned(known: Catalogue, kept: Iterable[Subject]) -> list[Entry]:
    """Entries in force that are not among those kept, decommissioned; those that are already stay as they are."""
    gone = set(known) - set(kept)
    return [{**known[each], "state": OUT} for each in sorted(gone) if known[each]["state"] != OUT]


def versioned(entries: Iterable[Entry], known: Catalogue, now_us: int) -> list[Entry]:
    """The entries with a version of their own: the time, and greater than the one in force in any case.

    >>> versioned([{"kind": "asset", "asset_id": "P1", "version": 7}], {("asset", "P1"): {"version": 9}}, 3)
    [{'kind': 'asset', 'asset_id': 'P1', 'version': 10}]
    """
    return [{**entry, "version": max(now_us, _version(known.get(subject(entry))) + 1)} for entry in entries]


def _version(entry: Entry | None) -> int:
    return -1 if entry is None else int(entry["version"])


def _changes(entry: Entry, known: Entry | None) -> Iterator[Change]:
    kind, name = subject(entry)
    before = known or blank(kind)
    names = [each for each in fields(kind) if entry[each] != before[each] and (known is not None or each != "asset_id")]
    if known is None:
        yield Change(kind, name, "entry", None, f"new {SENSOR} of {entry['asset_id']}" if kind == SENSOR else f"new {ASSET}", "")
    for each in names:
        column = BY_NAME[each]
        yield Change(kind, name, each, cell.write(column, before[each]), cell.write(column, entry[each]), column.resets if known else "")
