import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from stack import jars
from stack.problem import StackError

CONTENT = b"a program"


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock of one file, which stands in a Maven repository on disk."""
    folder = tmp_path / "repository/org/example/thing/1.0"
    folder.mkdir(parents=True)
    (folder / "thing-1.0.jar").write_bytes(CONTENT)
    monkeypatch.setenv("M2_REPO", str(tmp_path / "repository"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "LOCKS", tmp_path)
    path = tmp_path / "thing.lock"
    path.write_text(f"org.example:thing:1.0 {hashlib.sha256(CONTENT).hexdigest()} {len(CONTENT)}\n")
    return path


@pytest.mark.usefixtures("lock")
def test_a_verified_file_is_fetched_once(tmp_path: Path) -> None:
    folder = jars.fetch("thing", remedy="")
    assert [file.name for file in folder.iterdir()] == ["thing-1.0.jar"]
    assert jars.fetch("thing", remedy="") == folder
    assert folder.is_relative_to(tmp_path / "cache/smart-maintenance")


def test_a_file_that_differs_is_refused(lock: Path, tmp_path: Path) -> None:
    lock.write_text(f"org.example:thing:1.0 {hashlib.sha256(b'another').hexdigest()} {len(CONTENT)}\n")
    with pytest.raises(StackError, match=r"thing-1\.0\.jar is not the file our lock names.*do this"):
        jars.fetch("thing", remedy="do this")
    assert not list((tmp_path / "cache/smart-maintenance").glob("thing-*"))


def test_no_repository_gives_one_line_with_the_remedy(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVEN_REPOSITORY", "http://127.0.0.1:9/nothing")
    lock.write_text(f"org.example:other:1.0 {'0' * 64} 1\n")
    with pytest.raises(StackError, match=r"cannot download other-1\.0\.jar \(ConnectionError\): do this"):
        jars.fetch("thing", remedy="do this")


def test_an_archive_is_unpacked(lock: Path, tmp_path: Path) -> None:
    archive = tmp_path / "repository/org/example/thing/1.0/thing-1.0-all.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("app/run.jar")
        entry.size = len(CONTENT)
        tar.addfile(entry, io.BytesIO(CONTENT))
    content = archive.read_bytes()
    lock.write_text(f"org.example:thing:1.0:all:tar.gz {hashlib.sha256(content).hexdigest()} {len(content)}\n")
    assert (jars.fetch("thing", remedy="") / "app/run.jar").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["kafka", "registry"])
def test_our_locks_hold_digests_and_no_addresses(name: str) -> None:
    text = (jars.LOCKS / f"{name}.lock").read_text()
    assert "//" not in text
    assert all(len(entry.sha256) == 64 and entry.size > 0 for entry in jars.parse(text))


def test_the_kafka_lock_is_of_one_version() -> None:
    entries = jars.parse((jars.LOCKS / "kafka.lock").read_text())
    assert {entry.version for entry in entries if entry.group == "org.apache.kafka"} == {"4.4.0"}
