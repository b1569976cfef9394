from pathlib import Path

import pytest

from simulator.memory import Memory
from simulator.publish import UndeliveredError
from simulator.replay import nab
from simulator.replay.files import ReplayError
from simulator.replay.manifest import Manifest, open_manifest
from simulator.replay.player import Played, Player
from streams.topics import CATALOGUE

NOW = 1_700_000_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two series; the first repeats a time with another value."""
    path = tmp_path / "set"
    path.mkdir()
    (path / "a.csv").write_text("timestamp,value\n2014-01-07 02:00:00,1\n2014-01-07 02:05:00,2\n2014-01-07 02:00:00,3\n")
    (path / "b.csv").write_text("timestamp,value\n2014-01-01 00:00:00,10\n2014-01-01 01:00:00,11\n")
    return path


def manifest(folder: Path) -> Manifest:
    return open_manifest(folder.parent / "home", nab.read(folder), namespace="")


def play(folder: Path, outlet: Memory, *, shift: bool = False, again: bool = False, historical: bool = True) -> Played:
    player = Player(nab.read(folder), manifest(folder), outlet, historical=historical, clock=lambda: NOW)
    return player.play(shift=shift, again=again)


def values(outlet: Memory) -> list[float]:
    return [record["value"] for _, record in outlet.decoded("Reading")]


def test_every_reading_is_sent_once_in_order_between_history_and_end(folder: Path) -> None:
    outlet = Memory()
    played = play(folder, outlet)
    assert (played.status, played.rows, played.published, played.resumed_from) == ("published", 5, 5, 0)
    assert values(outlet) == [1, 2, 3, 10, 11]
    marks = [(mark["kind"], mark["subject"]) for _, mark in outlet.decoded("Mark")]
    assert marks == [("history", "asset/nab-a"), ("history", "asset/nab-b"), ("end", "asset/nab-a"), ("end", "asset/nab-b")]
    before = outlet.decoded("Mark")[0][1]["ts"]
    assert all(record["ts"] < before for key, record in outlet.decoded("Reading") if key == "nab-a")
    assert [entry["sensor_id"] for _, entry in outlet.decoded("CatalogueEntry", CATALOGUE)] == ["nab-a.value", "nab-b.value"]


def test_a_live_replay_declares_no_history(folder: Path) -> None:
    outlet = Memory()
    play(folder, outlet, historical=False)
    assert {mark["kind"] for _, mark in outlet.decoded("Mark")} == {"end"}


def test_a_finished_replay_is_not_published_twice_unless_asked(folder: Path) -> None:
    first, second, third = Memory(), Memory(), Memory()
    play(folder, first)
    assert play(folder, second).status == "already"
    assert not second.records
    assert play(folder, third, again=True).published == 5
    assert values(third) == values(first)


@pytest.mark.parametrize("fails_at", range(3, 11))
def test_a_cut_replay_goes_on_without_losing_a_reading(folder: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.replay.player.SAVE_S", -1.0)  # save after every piece
    monkeypatch.setattr("simulator.replay.lane.SEND_ROWS", 1)
    outlet = Memory(fails_at=fails_at)
    with pytest.raises(UndeliveredError):
        play(folder, outlet)
    confirmed = values(outlet)
    outlet.fails_at = None
    played = play(folder, outlet)
    assert played.resumed_from <= len(confirmed)
    assert played.published == 5 - played.resumed_from
    assert values(outlet) == confirmed + [1, 2, 3, 10, 11][played.resumed_from :]
    assert len(confirmed) - played.resumed_from <= 1  # at most what was sent after the last save comes twice


def test_stop_keeps_the_exact_position(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.replay.lane.SEND_ROWS", 1)
    outlet = Memory()
    player = Player(nab.read(folder), manifest(folder), outlet, clock=lambda: NOW)
    played = player.play(progress=lambda done, _total: player.stop.set() if done == 2 else None)
    assert (played.status, played.published) == ("stopped", 2)
    assert "end" not in {mark["kind"] for _, mark in outlet.decoded("Mark")}
    assert play(folder, outlet).resumed_from == 2
    assert values(outlet) == [1, 2, 3, 10, 11]


def test_the_shift_ends_now_and_is_fixed_at_the_first_run(folder: Path) -> None:
    first, again = Memory(), Memory()
    played = play(folder, first, shift=True)
    times = [record["ts"] for _, record in first.decoded("Reading")]
    assert NOW - 1_000_000 < max(times) <= NOW
    Player(nab.read(folder), manifest(folder), again, clock=lambda: NOW + 10**12).play(shift=True, again=True)
    assert [record["ts"] for _, record in again.decoded("Reading")] == times
    assert played.shift_us % 1_000_000 == 0
    with pytest.raises(ReplayError, match="replayed with shifted times"):
        play(folder, Memory(), again=True)


def test_changed_files_are_another_replay(folder: Path) -> None:
    play(folder, Memory())
    with (folder / "b.csv").open("a") as text:
        text.write("2014-01-01 02:00:00,12\n")
    assert play(folder, Memory()).published == 6


def test_a_mistake_in_the_last_file_shows_before_the_first_reading(folder: Path) -> None:
    with (folder / "b.csv").open("a") as text:
        text.write("2014-01-01 02:00:00,?\n")
    outlet = Memory()
    with pytest.raises(ReplayError, match=r"b.csv:4, column value"):
        play(folder, outlet)
    assert not outlet.records


def test_readings_before_2000_need_a_shift(folder: Path) -> None:
    (folder / "b.csv").write_text("timestamp,value\n1999-12-31 23:59:59,10\n")
    with pytest.raises(ReplayError, match=r"before the year 2000.*use --shift"):
        play(folder, Memory())


def test_a_damaged_manifest_is_told(folder: Path) -> None:
    play(folder, Memory())
    path = manifest(folder).path
    path.write_text("{")
    with pytest.raises(ReplayError, match="remove it to replay from the beginning"):
        manifest(folder)


def test_an_entry_that_is_there_is_left_alone(folder: Path) -> None:
    """It holds what a person stated; a recording knows quantity and unit at most."""
    outlet, again = Memory(), Memory()
    recording = nab.read(folder)
    Player(recording, manifest(folder), outlet, clock=lambda: NOW).play()
    names = [tag.sensor_id for part in recording.parts for tag in part.tags]
    assert [entry["sensor_id"] for _, entry in outlet.decoded("CatalogueEntry", CATALOGUE)] == names
    Player(recording, manifest(folder), again, described=frozenset(names[:1]), clock=lambda: NOW).play(again=True)
    assert [entry["sensor_id"] for _, entry in again.decoded("CatalogueEntry", CATALOGUE)] == names[1:]


def test_all_before_now_may_be_history(folder: Path) -> None:
    outlet = Memory()
    Player(nab.read(folder), manifest(folder), outlet, until_now=True, clock=lambda: NOW).play()
    before = [mark["ts"] for _, mark in outlet.decoded("Mark") if mark["kind"] == "history"]
    assert before == [NOW + 1, NOW + 1]


def test_what_lies_ahead_is_no_history(folder: Path) -> None:
    earlier = 1_389_000_000_000_000  # of the first series all but its last reading
    player = Player(nab.read(folder), manifest(folder), Memory(), until_now=True, clock=lambda: earlier)
    with pytest.raises(ReplayError, match="is no history yet; is --tz right"):
        player.play()
