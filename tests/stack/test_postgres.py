import hashlib
from pathlib import Path

import pytest

from stack import postgres
from stack.account import Account
from stack.instance import Instance
from stack.problem import StackError

NOWHERE = Path("/nowhere")


def made(root: Path, secret: str) -> None:
    root.mkdir()
    (root / "made").write_text(hashlib.sha256(secret.encode()).hexdigest(), encoding="utf-8")


def test_data_is_made_once(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "home")
    made(tmp_path / "root", instance.secret("postgres"))
    postgres.prepare(instance, Account(), NOWHERE, tmp_path / "root")  # runs no program
    (tmp_path / "root/made").write_text("", encoding="utf-8")  # as versions before this one left it
    postgres.prepare(instance, Account(), NOWHERE, tmp_path / "root")


def test_data_of_an_instance_whose_home_was_removed_is_named(tmp_path: Path) -> None:
    """It lies outside where root's home is closed to the server's account, and the new secret does not open it."""
    made(tmp_path / "root", "secret of a home that was removed by hand")
    with pytest.raises(StackError, match=rf"{tmp_path}/root holds the database of an instance that is gone: move it away or remove it"):
        postgres.prepare(Instance(tmp_path / "home"), Account(), NOWHERE, tmp_path / "root")
