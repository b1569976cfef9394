"""What the agents of the control plane ask and somebody else keeps up to date: models and machines. One of each in a process."""

from dataclasses import dataclass

from models.refresh import serve
from models.serving import Serving
from settings import Settings
from streams.machines import Machines, reader
from streams.news import News
from telemetry.health import Health


@dataclass(slots=True)
class Background:
    """Without `start` there are no models and nothing is known of any machine."""

    serving: Serving
    machines: Machines
    health: Health


def idle(settings: Settings) -> Background:
    """Nothing that runs: for tests and commands."""
    return Background(Serving(budget_ms=settings.model_budget_ms, retry_s=settings.model_retry_s), Machines(dict), Health())


_running: list[Background] = []


def start(settings: Settings, health: Health) -> Background:
    """Keep models and machines up to date until the process ends; from here on `current` gives them."""
    serving, refresh = serve(settings, health)
    News(settings, refresh.wake).start()
    machines = Machines(reader(settings), health)
    machines.start()
    _running[:] = [Background(serving, machines, health)]
    return _running[0]


def current(settings: Settings) -> Background:
    """What was started in this process, else what is idle."""
    return _running[0] if _running else idle(settings)
