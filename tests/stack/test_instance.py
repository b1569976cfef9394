import tempfile
from pathlib import Path

import pytest

from stack.instance import SOCKET_BYTES_MAX, Instance
from stack.problem import StackError


def test_the_socket_stands_in_a_short_home() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        assert Instance(home).socket == home / "run/supervisor.sock"


def test_a_long_home_gets_a_short_private_socket(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "a long name with spaces".ljust(100, "x"))
    assert len(str(instance.socket)) <= SOCKET_BYTES_MAX
    assert instance.socket.parent.stat().st_mode & 0o777 == 0o700
    assert instance.socket != Instance(tmp_path / "another".ljust(120, "x")).socket


@pytest.mark.parametrize("name", ["a:b", "a,b", 'a"b', "a%b"])
def test_a_home_that_the_programs_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StackError, match="MAINT_HOME"):
        Instance(tmp_path / name)


def test_folders_are_private(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "home")
    for folder in (instance.data, instance.logs, instance.run):
        assert folder.stat().st_mode & 0o777 == 0o700
