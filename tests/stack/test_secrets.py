from pathlib import Path

from stack.secrets import secret, write_private


def test_a_secret_stays_the_same_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    value = secret(folder, "postgres")
    assert secret(folder, "postgres") == value
    assert len(value) == 32
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_two_instances_have_different_secrets(tmp_path: Path) -> None:
    assert secret(tmp_path / "a", "postgres") != secret(tmp_path / "b", "postgres")


def test_a_private_file_replaces_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
