"""Snapshots in rounds: all due partitions together, so that one wait serves them all.

Order per partition: outputs durable, snapshot durable, then the commit may follow; tombstones last.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from streams.transport.identity import Part, ask, verify
from streams.transport.outputs import Epoch, Undelivered
from streams.transport.snapshot import Snapshot
from streams.wrapper import Holding, Tools, Wrapper
from telemetry import metrics

IDLE = 5  # a partition that saw only ticks is saved this many times more rarely
LOOK_S = 0.1


@dataclass(slots=True)
class Point:
    """A snapshot being written."""

    holding: Holding
    position: int
    epoch: Epoch
    snapshot: Snapshot
    begun: float


class Keeper:
    """Saves every partition whose position moved, in its own interval."""

    def __init__(self, tools: Tools, wrapper: Wrapper) -> None:
        self._settings, self._outputs, self._brokers, self._faults = tools.settings, tools.outputs, tools.brokers, tools.faults
        self._wrapper = wrapper
        self._checked_at = time.monotonic()

    async def run(self) -> None:
        """Save what is due until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.save(self._due(time.monotonic()))

    def _due(self, now: float) -> list[Holding]:
        moved = [holding for holding in self._wrapper.holdings.values() if holding.position > holding.snapped]
        interval_s = self._settings.snapshot_seconds_min
        return [each for each in moved if now >= each.due_at + (0 if each.fresh else (IDLE - 1) * interval_s)]

    async def save(self, holdings: Iterable[Holding]) -> None:
        """Durable snapshots of the holdings when this returns; one save at a time per holding.

        A second save would begin an epoch of its own and wait for that one only: its snapshot could pass outputs of the
        first epoch that nobody has.

        Raises:
            Undelivered: outputs or snapshots were not delivered.
            Fault: a topic is not the one the state was built from.
        """
        async with AsyncExitStack() as stack:
            ordered = sorted(holdings, key=lambda each: (each.agent.name, each.tp))  # two rounds never wait for each other
            for holding in ordered:
                await stack.enter_async_context(holding.saving)
            await self._save([each for each in ordered if each.saveable and each.position > each.snapped])

    async def _save(self, holdings: list[Holding]) -> None:
        points = [await self._point(holding) for holding in holdings]
        if not points:
            return
        for point in points:
            await self._outputs.durable(point.epoch)
            point.holding.saveable = True
        await self._check(points)
        begun = [await point.holding.changelog.parts(point.snapshot) for point in points]
        for _, epoch in begun:
            await self._outputs.durable(epoch)
        manifests = [await point.holding.changelog.manifest(written) for point, (written, _) in zip(points, begun, strict=True)]
        for epoch in manifests:
            await self._outputs.durable(epoch)
        for point, (written, _) in zip(points, begun, strict=True):
            self._done(point)
            await point.holding.changelog.tidy(written)

    async def _point(self, holding: Holding) -> Point:
        """Outputs up to here belong to the old epoch, later ones to the new."""
        async with holding.lock:
            if holding.owes:
                raise Undelivered("the sending of outputs was interrupted")
            begun = time.perf_counter()
            holding.saveable = False  # stays so when this save ends before the epoch is durable
            outputs = holding.work.settle()
            snapshot = Snapshot(holding.position - 1, dict(holding.head), holding.work.pack())
            point = Point(holding, holding.position, holding.epoch, snapshot, begun)
            holding.epoch, holding.fresh = Epoch(), 0
            await self._wrapper.send(point.epoch, outputs)
        return point

    def _done(self, point: Point) -> None:
        holding, size = point.holding, len(point.snapshot.state)
        holding.snapped = point.position
        self._faults.forget((holding.tp.topic, holding.tp.partition), point.position)
        settings = self._settings
        holding.due_at = time.monotonic() + max(settings.snapshot_seconds_min, size / settings.snapshot_bytes_per_s)
        metrics.SNAPSHOT_BYTES.labels(holding.agent.name, str(holding.tp.partition)).set(size)
        metrics.SNAPSHOT.observe(time.perf_counter() - point.begun, holding.agent.name)

    async def _check(self, points: list[Point]) -> None:
        """Compare topic ids and log ends when the last check is older than `topic_check_s`."""
        if time.monotonic() - self._checked_at < self._settings.topic_check_s:
            return
        parts = [(point.holding.tp.topic, point.holding.tp.partition) for point in points]
        ids = await ask(self._brokers.topic_ids, {topic for topic, _ in parts})
        self._compare(
            points, ids, {part: point.position for point, part in zip(points, parts, strict=True)}
        )  # no end of a topic that is gone
        self._compare(points, ids, await ask(self._brokers.ends, parts))
        self._checked_at = time.monotonic()

    @staticmethod
    def _compare(points: list[Point], ids: Mapping[str, str], ends: Mapping[Part, int]) -> None:
        for point in points:
            part = (point.holding.tp.topic, point.holding.tp.partition)
            topic_id = ids.get(part[0], "none")
            verify(part, built_from=point.holding.place.topic_id, topic_id=topic_id, position=point.position, end=ends[part])
