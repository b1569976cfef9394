from pathlib import Path

import pytest

from stack import environment
from stack.environment import SetupError, check_python, digest, entry, merged, satisfied


def test_every_set_is_installed_from_its_lock_with_hashes() -> None:
    for lock in environment.LOCKS.values():
        text = (environment.ROOT / lock).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_uv_is_cut_out_with_all_its_hashes() -> None:
    found = entry((environment.ROOT / environment.LOCKS["core"]).read_text(), "uv")
    assert found.startswith("uv==")
    assert found.count("--hash=") > 5
    assert "uvloop" not in found


def test_development_contains_what_the_demo_needs() -> None:
    dev = {"dev": digest("dev")}
    assert satisfied("core", dev)
    assert satisfied("dev", dev)
    assert not satisfied("full", dev)


def test_a_changed_lock_is_installed_again() -> None:
    assert not satisfied("core", {"core": "0" * 64})
    assert not satisfied("core", {})


def test_a_set_that_is_there_stays() -> None:
    assert merged("core", {"dev", "full"}) == {"dev", "full"}
    assert merged("core", set()) == {"core"}


def names(lock: Path) -> set[str]:
    return {line.split("==")[0] + "==" + line.split("==")[1].split()[0] for line in lock.read_text().splitlines() if line[:1].isalnum()}


@pytest.mark.parametrize("wide", ["dev", "full"])
def test_every_lock_contains_core(wide: str) -> None:
    core, more = (names(environment.ROOT / environment.LOCKS[name]) for name in ("core", wide))
    assert core <= more


def test_other_interpreters_are_refused_with_the_remedy() -> None:
    check_python((3, 11))
    with pytest.raises(SetupError, match=r"Python 3\.10 is not supported.*PYTHON="):
        check_python((3, 10))
