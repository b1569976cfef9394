"""The versions whose inside this package changes; another version must be read and measured first."""

from importlib.metadata import PackageNotFoundError, version

PINNED = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0", "mode-streaming": "0.7.1"}


def check(pinned: dict[str, str] = PINNED) -> None:
    """Compare the installed versions with the pinned ones.

    Raises:
        ImportError: one differs or is missing; names the package, both versions and the remedy.
    """
    for name, wanted in pinned.items():
        found = _installed(name)
        if found != wanted:
            raise ImportError(f"streams.transport is written for {name}=={wanted}, found {found}: install the locked requirements")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
