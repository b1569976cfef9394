import pytest

from streams.transport.pins import PINNED, check


def test_the_installed_versions_are_the_pinned_ones() -> None:
    check()


def test_another_version_is_refused_with_the_remedy() -> None:
    with pytest.raises(ImportError, match=r"aiokafka==0\.0\.1, found .*: install the locked requirements"):
        check({**PINNED, "aiokafka": "0.0.1"})


def test_a_missing_package_is_refused() -> None:
    with pytest.raises(ImportError, match="found none"):
        check({"no-such-package": "1"})
