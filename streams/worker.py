"""A worker process: `maint work data` or `maint work control`."""

import asyncio
import gc
import logging
import time
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import structlog
import uvloop
from faust.types import TP
from faust.worker import Worker

from settings import Settings
from streams import background, exits, kernels
from streams.admin import await_topics, record_bytes_max
from streams.agents import of_plane, room
from streams.app import build, register
from streams.coordinator import Coordinator
from streams.faults import Faults
from streams.keeper import Keeper
from streams.marks import Marks
from streams.transport.consumer import App
from streams.transport.fetched import install
from streams.transport.identity import Brokers, Fault
from streams.transport.outputs import Outputs, Undelivered
from streams.transport.records import Parse, plain
from streams.transport.span import Span
from streams.transport.watchdog import View, Watchdog
from streams.work import Agent
from streams.wrapper import Holding, Tools, Wrapper
from telemetry import logs, traces
from telemetry.health import Health
from telemetry.server import port_file, serve

GARBAGE = (200_000, 20, 50)  # thresholds of the collector: the defaults double the CPU of a chunk
BEAT_S = 0.5
LAST_SNAPSHOT_S = 3.0  # a clean stop or a rebalance waits this long for the last snapshots

log = structlog.get_logger(__name__)


def run(plane: str, settings: Settings, agents: Sequence[Agent] | None = None) -> None:
    """Work until SIGTERM; exits with a code of streams.exits when it must not go on.

    Args:
        plane: data or control; also the consumer group.
        settings: of the instance.
        agents: others than the table's, for tests.
    """
    logs.configure(service=f"worker-{plane}", level=settings.log_level, form=settings.log_format)
    traces.configure(settings.otlp_endpoint, service=f"worker-{plane}")
    for name in ("faust", "mode", "aiokafka", App.__module__):
        logging.getLogger(name).setLevel(logging.WARNING)
    gc.set_threshold(*GARBAGE)
    kernels.keep()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    agents = agents or of_plane(plane)
    process = Process(plane, agents, settings)
    serve(process.health, port=settings.metrics_port, file=port_file(settings.home, f"worker-{plane}"))
    await_topics(settings, [name for agent in agents for name in (agent.topic, agent.state)], process.health)
    process.watch()
    marks = Marks(settings, process.health) if plane == "control" else None
    if marks:
        marks.start()
        background.start(settings, process.health)
    gc.freeze()
    worker = Worker(process.app, override_logging=False, quiet=True)
    worker.spinner = None  # writes terminal codes into logs
    worker.execute_from_commandline()


class Process:
    """Everything one worker process is made of, wired to the signals of its Faust app."""

    def __init__(self, name: str, agents: Sequence[Agent], settings: Settings) -> None:
        for agent in agents:
            room(agent).warm()
        install(_parse(agents))
        self.health, self.beat_at = Health(), time.monotonic()
        self.app = build(settings.topic(name), settings)
        self.outputs = Outputs(settings.kafka, namespace=settings.namespace, record_bytes_max=record_bytes_max(settings))
        self.brokers = Brokers(settings.kafka)
        faults = Faults(settings.home / "run" / f"faults-{name}.json", [settings.topic(agent.topic) for agent in agents])
        tools = Tools(settings, self.outputs, self.brokers, faults)
        self.wrapper = Wrapper(tools, self.app, agents)
        self.keeper = Keeper(tools, self.wrapper)
        self.coordinator = Coordinator(agents, self.wrapper, tools, self.health)
        self.app.positions, self.app.durable = self.wrapper.positions, self.wrapper.durable
        register(self.app, agents, settings, self._take)
        self._connect()

    def _connect(self) -> None:
        app = self.app
        app.on_partitions_revoked.connect(self._revoked, weak=False)
        app.on_rebalance_complete.connect(self._assigned, weak=False)
        app.on_before_shutdown.connect(self._stopping, weak=False)
        app.task(self._keep)
        app.task(self._beat)
        app.task(self.coordinator.run)

    def watch(self) -> None:
        """End this process from now on when it does not get on; not while it waits for its topics, where nothing beats yet."""
        self.beat_at = time.monotonic()
        view = View(self._parts, lambda: self.beat_at, self._busy, lambda: self.outputs.waiting > 0)
        Watchdog(self.brokers, view, lambda reason: exits.leave(exits.STUCK, reason)).start()

    def _parts(self) -> dict[tuple[str, int], int]:
        return {(tp.topic, tp.partition): offset for tp, offset in self.wrapper.positions().items()}

    def _busy(self) -> bool:
        return bool(self.app.rebalancing) or self.wrapper.restoring

    async def _take(self, agent: Agent, tp: TP, span: Span, generation: int) -> None:
        try:
            await self.wrapper.take(agent, tp, span, generation)
        except asyncio.CancelledError:
            raise
        except BaseException as problem:  # noqa: BLE001  whatever it is, it must not leave the agent
            self._end(problem)

    async def _keep(self) -> None:
        try:
            await self.keeper.run()
        except asyncio.CancelledError:
            raise
        except BaseException as problem:  # noqa: BLE001  the same
            self._end(problem)

    async def _beat(self) -> None:
        while True:
            self.beat_at = time.monotonic()
            self.health.beat()
            self.outputs.poll()
            await asyncio.sleep(BEAT_S)

    async def _assigned(self, *_: Any, **__: Any) -> None:
        try:
            await self.wrapper.assigned()
        except asyncio.CancelledError:
            raise
        except BaseException as problem:  # noqa: BLE001  the same
            self._end(problem)
        missing = not self.wrapper.holdings
        self.health.set("partitions", not missing, "no partition is assigned to this worker" if missing else "")

    async def _revoked(self, *_: Any, **__: Any) -> None:
        await self._last(self.wrapper.drop())

    async def _stopping(self, *_: Any, **__: Any) -> None:
        await self._last(self.wrapper.drop())

    async def _last(self, held: Iterable[Holding]) -> None:
        """The last snapshots shorten the replay of the next owner; exactness does not need them."""
        with suppress(Exception):
            await asyncio.wait_for(self.keeper.save([each for each in held if each.position > each.snapped]), LAST_SNAPSHOT_S)

    def _end(self, problem: BaseException) -> None:
        match problem:
            case Undelivered():
                exits.leave(exits.UNDELIVERED, str(problem))
            case Fault():
                exits.leave(exits.FAULT, str(problem))
            case _:
                exits.leave(exits.FAULTY, repr(problem), trace="".join(traceback.format_exception(problem)))


def _parse(agents: Iterable[Agent]) -> Parse:
    """How record batches are read; the control plane does not load numba."""
    if all(agent.plane == "control" for agent in agents):
        return plain
    return import_module("streams.transport.split").columns  # type: ignore[no-any-return]
