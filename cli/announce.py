"""Tells the running processes of a change in the registry of models, so that they need not find it out by themselves."""

import getpass
import time
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from models.event import Action
    from models.version import Version
    from settings import Settings

WAIT_S: Final = 5.0  # for the broker; the registry is changed already


def announce(settings: "Settings", known: "Version", action: "Action", *, who: str = "", reason: str = "", before: int = 0) -> None:  # noqa: PLR0913
    """Publish an event. A broker that is away is told and no error: the processes look by themselves, only later."""
    from models.event import event
    from schemas.codec import encode
    from simulator.publish import Publisher, UndeliveredError
    from streams.topics import MODELS

    if not settings.kafka_bootstrap_servers:
        return  # no process runs here
    record = event(known, action, at_us=time.time_ns() // 1000, who=who or getpass.getuser(), reason=reason, before=before)
    publisher = Publisher(settings, linger_ms=0)
    try:
        publisher.check(MODELS, WAIT_S)
        publisher.send(MODELS, [encode("ModelEvent", record)], [known.name.encode()])
        publisher.settle(WAIT_S)
    except UndeliveredError as problem:
        wait = f"running processes see it within {settings.model_refresh_s:g} s"
        typer.echo(f"maint: the change stands, but was not announced ({problem}); {wait}", err=True)
