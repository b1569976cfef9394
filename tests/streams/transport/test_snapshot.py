from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.transport import snapshot
from streams.transport.snapshot import Keyed, Shelf, Snapshot, older, write

SMALL = 4  # bytes of a part in these tests


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "PART_BYTES", SMALL)


def state_at(offset: int) -> bytes:
    return f"state at {offset}".encode()


def at(offset: int) -> Snapshot:
    return Snapshot(offset, {"topic_id": "t"}, state_at(offset))


def shelf(log: Iterable[tuple[bytes, bytes | None]]) -> Shelf:
    found = Shelf()
    for key, value in log:
        found.put(key, value)
    return found


def records(offset: int, writer: str = "a") -> list[Keyed]:
    written = write(0, at(offset), writer)
    return [*written.parts, written.manifest]


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 10 * SMALL])
def test_what_was_written_is_found(size: int) -> None:
    one = Snapshot(7, {"kernel": "1"}, bytes(range(size)))
    written = write(3, one, "a")
    assert shelf([*written.parts, written.manifest]).newest() == one


def test_a_small_state_needs_one_record() -> None:
    assert write(0, Snapshot(1, {}, b"abc"), "a").parts == []


@given(st.integers(0, 4))
def test_a_crash_before_the_manifest_leaves_the_older_snapshot(survivors: int) -> None:
    log = [*records(10), *records(20)[:-1][:survivors]]
    assert shelf(log).newest() == at(10)


def test_a_damaged_part_leaves_the_older_snapshot() -> None:
    newer = records(20)
    newer[0] = (newer[0][0], b"oops")
    assert shelf([*records(10), *newer]).newest() == at(10)


class Writer:
    """One worker that saves snapshots; several of them may believe they own the partition."""

    def __init__(self, name: str, log: list[tuple[bytes, bytes | None]]) -> None:
        self.name, self.log = name, log
        found = shelf(log)
        newest = found.newest()
        self.known, self.offset = found.keys(), newest.offset if newest else -1
        self.queue: list[tuple[bytes, bytes | None]] = []

    def save(self) -> None:
        self.offset += 1
        written = write(0, at(self.offset), self.name)
        self.queue += [*written.parts, written.manifest]
        self.queue += [(key, None) for key in older(self.known, written)]
        self.known = {key for key, _ in written.parts} | {written.manifest[0]}

    def flush(self) -> None:
        if not self.queue:
            self.save()
        self.log.append(self.queue.pop(0))


def compacted(log: list[tuple[bytes, bytes | None]]) -> list[tuple[bytes, bytes | None]]:
    last = {key: index for index, (key, _) in enumerate(log)}
    return [entry for index, entry in enumerate(log) if last[entry[0]] == index]


@given(st.lists(st.tuples(st.sampled_from("abz"), st.integers(0, 2)), max_size=120))
def test_no_interleaving_of_owners_zombies_and_crashes_loses_a_durable_snapshot(steps: list[tuple[str, int]]) -> None:
    log: list[tuple[bytes, bytes | None]] = []
    writers: dict[str, Writer] = {}
    durable = -1
    for number, (name, action) in enumerate(steps):
        if action == 0 or name not in writers:
            writers[name] = Writer(f"{name}{number}", log)  # starts, or crashes and starts again
        writers[name].flush()
        newest = shelf(log).newest()
        assert (newest.offset if newest else -1) >= durable, "a restorable snapshot got older"
        durable = newest.offset if newest else -1
        assert newest is None or newest.state == state_at(newest.offset)
        assert shelf(compacted(log)).newest() == newest, "compaction changed what is restored"


def test_tombstones_free_what_is_superseded() -> None:
    log: list[tuple[bytes, bytes | None]] = []
    writer = Writer("a", log)
    for _ in range(30):
        writer.flush()
    assert len(shelf(log).keys()) <= 2 * (len(records(10)) + 1)
