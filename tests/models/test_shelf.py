from dataclasses import replace
from pathlib import Path

import pytest

from models.artifact import ArtifactError
from models.shelf import Shelf
from models.version import Version
from tests.models import sample
from tests.models.test_choice import made

KNOWN = replace(made(), digest=sample.plain().digest())


def fetch(_: Version, folder: Path) -> Path:
    sample.plain().write(folder)
    return folder


def refuse(_: Version, __: Path) -> Path:
    raise AssertionError


def test_what_was_taken_is_here(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "served")
    assert not shelf.has(KNOWN)
    assert shelf.take(KNOWN, fetch).files() == sample.plain().files()
    assert Shelf(tmp_path / "served").take(KNOWN, refuse).files() == sample.plain().files()


def test_wrong_files_are_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(ArtifactError, match="altered"):
        shelf.take(replace(KNOWN, digest="0" * 64), fetch)
    assert list(tmp_path.iterdir()) == []


def test_files_this_disk_has_damaged_are_fetched_anew(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.take(KNOWN, fetch)
    (tmp_path / KNOWN.digest / "model.json").write_bytes(b"{")
    assert shelf.take(KNOWN, fetch).files() == sample.plain().files()


def test_the_list_is_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.recall() == ()
    shelf.remember([KNOWN])
    assert shelf.recall() == (KNOWN,)
    (tmp_path / "versions.json").write_text("[{}]")
    assert shelf.recall() == ()


def test_what_nobody_needs_is_removed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.take(KNOWN, fetch)
    (tmp_path / ".new-left").mkdir()
    shelf.prune({KNOWN.digest})
    assert [path.name for path in tmp_path.iterdir()] == [KNOWN.digest]
    shelf.prune(())
    assert not shelf.has(KNOWN)
