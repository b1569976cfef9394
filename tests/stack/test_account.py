import os
from pathlib import Path

import pytest

from stack.account import Account, reachable_folder, reachable_program, server_account
from stack.instance import Instance

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the account")


def test_an_ordinary_user_keeps_everything_in_the_home(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "home")
    assert reachable_folder(instance, Account()) == instance.home / "data"


@root_only
def test_root_gives_servers_another_account() -> None:
    assert server_account().name in {"postgres", "nobody"}


@root_only
def test_a_closed_home_is_not_opened_up(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    instance = Instance(closed / "home")
    folder = reachable_folder(instance, server_account())
    try:
        assert not folder.is_relative_to(closed)
        assert (instance.data / "outside").resolve() == folder
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        folder.rmdir()


@root_only
def test_programs_out_of_reach_are_copied_with_their_libraries(tmp_path: Path) -> None:
    programs = tmp_path / "closed/package/install/bin"
    programs.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    (programs / "postgres").write_text("a program")
    (programs / "postgres").chmod(0o755)
    (tmp_path / "closed/package.libs").mkdir()
    (tmp_path / "closed/package.libs/libpq.so").write_text("a library")
    target = tmp_path / "programs"
    for _ in range(2):
        assert reachable_program(programs, server_account(), target) == target / "package/install/bin"
    assert (target / "package/install/bin/postgres").stat().st_mode & 0o777 == 0o755
    assert (target / "package.libs/libpq.so").read_text() == "a library"
