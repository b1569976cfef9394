"""One supervised process: how it is started, watched and stopped."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def always() -> str:
    """Probe of a process that is healthy as soon as it runs."""
    return ""


def nothing() -> None:
    """Step of a service that needs none."""


@dataclass(frozen=True, slots=True)
class Service:
    """A process of the stack.

    Attributes:
        probe: returns "" when healthy, else the reason why not; must answer within two seconds.
        prepare: creates folders, configuration and data before the first start; idempotent.
        after: runs once the service is healthy, before those that need it are started; idempotent.
        needs: services that must be healthy first.
        wait_s: longest time from start to healthy.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    stop_signal: str = "TERM"
    stop_s: int = 15
    exit_codes: tuple[int, ...] = (0,)
    group_stop: bool = False
    needs: tuple[str, ...] = ()
    wait_s: float = 180
    probe: Callable[[], str] = always
    prepare: Callable[[], None] = nothing
    after: Callable[[], None] = nothing

    @property
    def line(self) -> str:
        """The command as one shell line."""
        return shlex.join(map(str, self.command))
