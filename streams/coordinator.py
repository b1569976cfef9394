"""Which agents run here, how far behind they are, when they last moved, and why one is degraded: health and metrics."""

import asyncio
import time
from collections.abc import Iterable

import structlog
from confluent_kafka import KafkaException

from streams.registry import resolver
from streams.transport.identity import Part
from streams.work import Agent
from streams.wrapper import Holding, Tools, Wrapper
from telemetry import metrics
from telemetry.health import Health

LOOK_S = 5.0
STILL_S = 15.0  # with records to read and no progress for longer, an agent is degraded

log = structlog.get_logger(__name__)


class Coordinator:
    """Looks at all holdings of the process."""

    def __init__(self, agents: Iterable[Agent], wrapper: Wrapper, tools: Tools, health: Health) -> None:
        self._agents, self._wrapper, self._brokers, self._health = tuple(agents), wrapper, tools.brokers, health
        data = any(agent.plane == "data" for agent in self._agents)
        self._schemas = resolver(tools.settings) if data else None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Renew the health of every agent and the gauges of lag."""
        if self._schemas:
            self._health.set("registry", not self._schemas.away, self._schemas.away, critical=False)
        holdings = list(self._wrapper.holdings.values())
        parts = sorted({part_of(holding) for holding in holdings})
        loop = asyncio.get_running_loop()
        try:
            ends = await loop.run_in_executor(None, self._brokers.committed_ends, parts)
            starts = await loop.run_in_executor(None, self._brokers.starts, parts)
        except KafkaException as problem:
            self._health.set("kafka", False, problem.args[0].str())
            return
        self._health.set("kafka", True)
        lags = {part_of(holding): max(0, ends[part_of(holding)] - holding.position) for holding in holdings}
        _measure(lags, starts, ends)
        for agent in self._agents:
            self._judge(agent, [holding for holding in holdings if holding.agent is agent], lags)

    def _judge(self, agent: Agent, held: list[Holding], lags: dict[Part, int]) -> None:
        if not held:
            self._health.set(agent.name, True, "no partition is assigned to this process")
            return
        now = time.monotonic()
        still = [holding for holding in held if lags[part_of(holding)] and now - holding.moved_at > STILL_S]
        lag = sum(lags[part_of(holding)] for holding in held)
        if still:
            partitions = ", ".join(str(holding.tp.partition) for holding in still)
            self._health.set(agent.name, False, f"no progress on partitions {partitions} for {STILL_S:.0f} s, lag {lag}")
        else:
            self._health.set(agent.name, True, f"{len(held)} partitions, lag {lag}")


def part_of(holding: Holding) -> Part:
    """Topic and partition of a holding."""
    return holding.tp.topic, holding.tp.partition


def _measure(lags: dict[Part, int], starts: dict[Part, int], ends: dict[Part, int]) -> None:
    worst: dict[str, float] = {}
    for part, lag in lags.items():
        metrics.LAG.labels(part[0], str(part[1])).set(lag)
        kept = max(1, ends[part] - starts[part])
        worst[part[0]] = max(worst.get(part[0], 0.0), lag / kept)
    for topic, share in worst.items():
        metrics.LAG_RETENTION.labels(topic).set(share)
