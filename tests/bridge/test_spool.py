"""The spool loses nothing but a torn tail, whatever happens to the file."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.reading import Record
from bridge.spool import FullError, Spool, pack

RECORDS = st.lists(st.builds(Record, st.binary(max_size=8), st.binary(max_size=30)), max_size=30)
ROOM = 10_000_000


def spool(folder: Path, bytes_max: int = ROOM, segment_bytes: int = 200) -> Spool:
    return Spool(folder, bytes_max=bytes_max, segment_bytes=segment_bytes, sync=False)


def drained(queue: Spool, step: int = 1000) -> list[Record]:
    found: list[Record] = []
    while batch := queue.read(step):
        found += batch
        queue.commit(batch)
    return found


@given(batches=st.lists(RECORDS, max_size=6), step=st.integers(1, 7))
@settings(deadline=None)
def test_what_is_replayed_is_what_was_appended(batches: list[list[Record]], step: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        queue = spool(Path(folder))
        for batch in batches:
            queue.append(batch)
        assert drained(queue, step) == [entry for batch in batches for entry in batch]
        assert queue.waiting == 0
        assert len(list(Path(folder).glob("*.seg"))) <= 1


@given(records=RECORDS.filter(bool), data=st.data())
@settings(deadline=None)
def test_a_cut_at_any_byte_loses_only_the_torn_tail(records: list[Record], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        queue = spool(Path(folder), segment_bytes=ROOM)
        queue.append(records)
        queue.close()
        (path,) = Path(folder).glob("*.seg")
        cut = data.draw(st.integers(0, path.stat().st_size))
        os.truncate(path, cut)
        ends = [sum(len(pack(entry)) for entry in records[: n + 1]) for n in range(len(records))]
        whole = [entry for entry, end in zip(records, ends, strict=True) if end <= cut]
        opened = spool(Path(folder))
        assert drained(opened) == whole
        assert opened.cut_bytes == cut - sum(len(pack(entry)) for entry in whole)


@given(records=RECORDS.filter(bool), data=st.data())
@settings(deadline=None)
def test_a_damaged_byte_is_never_replayed(records: list[Record], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        queue = spool(Path(folder), segment_bytes=ROOM)
        queue.append(records)
        queue.close()
        (path,) = Path(folder).glob("*.seg")
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        opened = spool(Path(folder))
        found = drained(opened)
        assert found == records[: len(found)]
        assert len(found) < len(records)
        assert opened.cut_bytes == sum(len(pack(entry)) for entry in records[len(found) :])
        assert len(path.with_suffix(".cut").read_bytes()) == opened.cut_bytes


@given(batches=st.lists(RECORDS, min_size=1, max_size=5), data=st.data())
@settings(deadline=None)
def test_a_new_process_goes_on_where_the_last_one_committed(batches: list[list[Record]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        everything = [entry for batch in batches for entry in batch]
        found: list[Record] = []
        for batch in batches:
            queue = spool(Path(folder))
            queue.append(batch)
            taken = queue.read(data.draw(st.integers(1, 40)))
            queue.commit(taken)
            found += taken
            queue.close()
        assert found + drained(spool(Path(folder))) == everything


def test_a_full_spool_refuses_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    entry = Record(b"k", b"v" * 50)
    queue = spool(tmp_path, bytes_max=5 * len(pack(entry)))
    for _ in range(5):
        queue.append([entry])
    with pytest.raises(FullError, match="full: 315 bytes, 5 readings wait"):
        queue.append([entry])
    assert queue.waiting == 5
    queue.commit(queue.read(5))
    queue.append([entry])
    assert drained(queue) == [entry]


def test_a_disk_that_refuses_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = spool(tmp_path)
    queue.append([Record(b"k", b"1")])
    with monkeypatch.context() as broken:
        written: list[int] = []

        def refuse(file: int, data: bytes, place: int) -> int:
            if written:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(1)
            os.lseek(file, place, os.SEEK_SET)
            return os.write(file, data[:3])

        broken.setattr(os, "pwrite", refuse)
        with pytest.raises(FullError, match="No space left"):
            queue.append([Record(b"k", b"2")])
    queue.append([Record(b"k", b"3")])
    queue.close()
    opened = spool(tmp_path)
    assert opened.cut_bytes == 0
    assert [entry.value for entry in drained(opened)] == [b"1", b"3"]


def test_without_its_position_everything_is_sent_once_more(tmp_path: Path) -> None:
    queue = spool(tmp_path)
    queue.append([Record(b"k", b"%d" % n) for n in range(5)])
    queue.commit(queue.read(3))
    queue.close()
    (tmp_path / "position").write_text("")
    assert len(drained(spool(tmp_path))) == 5


def test_a_segment_damaged_in_the_middle_does_not_hide_the_next_ones(tmp_path: Path) -> None:
    entries = [Record(b"k", b"%03d" % n * 20) for n in range(9)]
    queue = spool(tmp_path)
    for entry in entries:
        queue.append([entry])
    queue.close()
    first, *others = sorted(tmp_path.glob("*.seg"))
    assert len(others) == 2
    os.truncate(first, len(pack(entries[0])) + 5)
    opened = spool(tmp_path)
    assert drained(opened, 2) == [entries[0], *entries[3:]]
    assert opened.waiting == 0


def test_zeros_behind_the_end_are_no_records(tmp_path: Path) -> None:
    queue = spool(tmp_path)
    queue.append([Record(b"k", b"v")])
    queue.close()
    (path,) = tmp_path.glob("*.seg")
    path.write_bytes(path.read_bytes() + bytes(100))
    opened = spool(tmp_path)
    assert (drained(opened), opened.cut_bytes) == ([Record(b"k", b"v")], 100)


WRITER = """
import sys
from pathlib import Path
from bridge.reading import Record
from bridge.spool import Spool
queue = Spool(Path(sys.argv[1]), bytes_max=10**9, segment_bytes=5000)
for number in range(10**9):
    queue.append([Record(b"k", b"%d" % number)])
    print(number, flush=True)
"""


def test_what_was_appended_survives_a_kill(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=root)
    assert writer.stdout
    with writer.stdout as told:
        for _ in range(300):
            told.readline()
        writer.send_signal(signal.SIGKILL)
        said = told.read().split(b"\n")[:-1]
    writer.wait()
    found = drained(spool(tmp_path))
    assert found == [Record(b"k", b"%d" % number) for number in range(len(found))]
    assert len(found) >= 300 + len(said)
