"""The wrapper around every agent: applies only what continues the state, and lets nothing be lost or doubled.

Position after an assignment is the newest snapshot's offset + 1, whatever Kafka has committed. A span that begins
behind the position means lost chunks (read again) or, if the log's begin moved, expired records (loss, alarmed);
what lies below the position was applied before. Outputs become durable before the snapshot, the snapshot before the commit.
"""

import asyncio
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from confluent_kafka import KafkaException
from faust.types import TP

from settings import Settings
from streams.agents import room
from streams.faults import Faults, Piece
from streams.transport.changelog import Changelog, Unreadable, read
from streams.transport.consumer import App
from streams.transport.identity import Brokers, Fault, ask, verify
from streams.transport.outputs import Epoch, Outputs, Undelivered
from streams.transport.records import NONE
from streams.transport.snapshot import Shelf
from streams.transport.span import Range, Span, rest
from streams.work import Agent, Output, Place, Taken, Work
from telemetry import metrics

RETRY_S = 1.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Holding:
    """One agent's state on one partition; every change happens under `lock`."""

    agent: Agent
    tp: TP
    place: Place
    work: Work
    changelog: Changelog
    position: int
    snapped: int
    head: Mapping[str, Any]
    epoch: Epoch = field(default_factory=Epoch)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    fresh: int = 0  # outputs since the newest snapshot
    due_at: float = 0.0  # loop time of the next snapshot
    moved_at: float = 0.0
    owes: bool = False  # outputs of the position are not all with the producer: no snapshot may say that they are
    saving: asyncio.Lock = field(default_factory=asyncio.Lock)  # held for a whole save, outside `lock`
    saveable: bool = True  # no snapshot may ever follow a save that gave up an epoch whose outputs perhaps nobody has

    def advance(self, piece: Piece) -> list[Output]:
        """Apply a stretch that begins at the position, or refuse its one record."""
        taken = piece.taken
        assert taken.start == self.position, "a stretch must continue the state"
        outputs = self.work.apply(taken) if piece.refused is None else self.work.refuse(piece.refused, piece.detail)
        self.position = taken.end
        self.fresh += len(outputs)
        return outputs


@dataclass(frozen=True, slots=True)
class Tools:
    """What the wrapper and the keeper work with."""

    settings: Settings
    outputs: Outputs
    brokers: Brokers
    faults: Faults


class Wrapper:
    """All holdings of a process."""

    def __init__(self, tools: Tools, app: App, agents: Iterable[Agent]) -> None:
        self._settings, self._outputs, self._brokers, self._faults = tools.settings, tools.outputs, tools.brokers, tools.faults
        self._app = app
        self._agents = tuple(agents)
        self.holdings: dict[tuple[str, TP], Holding] = {}
        self.restoring = False

    def positions(self) -> dict[TP, int]:
        """Next offset to apply per partition; the least of its agents."""
        return _least((holding.tp, holding.position) for holding in self.holdings.values())

    def durable(self) -> dict[TP, int]:
        """Next offset behind the newest durable snapshot per partition; the least of its agents."""
        return {tp: offset for tp, offset in _least((each.tp, each.snapped) for each in self.holdings.values()).items() if offset > 0}

    def drop(self) -> list[Holding]:
        """Forget all partitions: from here on every chunk in flight is stale."""
        held, self.holdings = list(self.holdings.values()), {}
        return held

    async def assigned(self) -> None:
        """Restore the state of all partitions of this generation."""
        self.drop()
        self.restoring = True
        generation = self._app.consumer_generation_id
        while generation == self._app.consumer_generation_id:
            try:
                await self._restore(self._app.consumer.assignment())
            except (Unreadable, KafkaException) as problem:
                log.warning("restore_retried", reason=str(problem))
                await asyncio.sleep(RETRY_S)
            else:
                break
        self.restoring = False

    async def _restore(self, assignment: Iterable[TP]) -> None:
        loop, begun = asyncio.get_running_loop(), time.perf_counter()
        wanted = [(agent, tp) for tp in sorted(assignment) for agent in self._agents if tp.topic == self._settings.topic(agent.topic)]
        parts = [(tp.topic, tp.partition) for _, tp in wanted]
        places = [(self._settings.topic(agent.state), tp.partition) for agent, tp in wanted]
        shelves = await loop.run_in_executor(None, partial(read, self._settings.kafka, places, group=self._settings.topic("state-reader")))
        ids = await loop.run_in_executor(None, self._brokers.topic_ids, {topic for topic, _ in parts})
        starts = await loop.run_in_executor(None, self._brokers.starts, parts)
        ends = await loop.run_in_executor(None, self._brokers.ends, parts)
        for (agent, tp), part, place in zip(wanted, parts, places, strict=True):
            holding = self._begin(agent, tp, shelves[place], topic_id=ids[tp.topic], end=ends[part])
            self.holdings[agent.name, tp] = holding
            if holding.position < starts[part]:
                await self._expire(holding, starts[part])
        metrics.RESTORE.observe(time.perf_counter() - begun)
        log.info("restored", partitions=len(wanted), seconds=round(time.perf_counter() - begun, 3))

    def _begin(self, agent: Agent, tp: TP, shelf: Shelf, *, topic_id: str, end: int) -> Holding:
        found = shelf.newest()
        position, built_from = (found.offset + 1, found.head["topic_id"]) if found else (0, None)
        verify((tp.topic, tp.partition), built_from=built_from, topic_id=topic_id, position=position, end=end)
        place = Place(agent.topic, topic_id, tp.partition, self._settings.partitions)
        work = _start(agent, place, self._settings, found.state if found else None)
        changelog = Changelog(self._outputs, (agent.state, tp.partition), shelf.keys())
        head = {"topic_id": topic_id, "kernel": work.kernel}
        return Holding(agent, tp, place, work, changelog, position, snapped=position, head=head, moved_at=time.monotonic())

    async def take(self, agent: Agent, tp: TP, span: Span, generation: int) -> None:
        """Apply a chunk as far as it continues the state; stale chunks are dropped, lost ones read again."""
        holding = self.holdings.get((agent.name, tp))
        if holding is None or generation != self._app.consumer_generation_id:
            return
        async with holding.lock:
            if span.start > holding.position and not await self._bridge(holding, span.start):
                return
            if span.end <= holding.position:
                return
            part = (tp.topic, tp.partition)
            for piece in self._faults.pieces(part, rest(span, holding.position)):
                await self._advance(holding, piece)

    async def _advance(self, holding: Holding, piece: Piece) -> None:
        outputs = self._apply(holding, piece)
        holding.owes = True
        try:
            await self.send(holding.epoch, outputs)
        except Undelivered:
            raise  # brokers that are away are not the record's fault
        except Exception as problem:
            self._blame(holding, piece, problem)
            raise
        holding.owes = False
        holding.moved_at = time.monotonic()

    def _apply(self, holding: Holding, piece: Piece) -> list[Output]:
        """Outputs of a piece; an exception, or a process that dies here, is counted against its records."""
        begun = time.perf_counter()
        self._faults.enter((holding.tp.topic, holding.tp.partition), piece.taken)
        try:
            outputs = holding.advance(piece)
        except Exception as problem:
            self._blame(holding, piece, problem)
            raise
        finally:
            self._faults.leave()
        _measure(holding, piece, time.perf_counter() - begun)
        return outputs

    def _blame(self, holding: Holding, piece: Piece, problem: Exception) -> None:
        trace = "".join(traceback.format_exception(problem))
        self._faults.count((holding.tp.topic, holding.tp.partition), piece.taken.start, piece.taken.end, trace)

    async def send(self, epoch: Epoch, outputs: list[Output]) -> None:
        """Hand outputs to the producer, in order."""
        for output in outputs:
            await self._outputs.send(epoch, output)

    async def _bridge(self, holding: Holding, start: int) -> bool:
        """Whether a span that begins at `start` continues the state after all: what lies between has expired."""
        part = (holding.tp.topic, holding.tp.partition)
        starts = await ask(self._brokers.starts, [part])
        if starts[part] > holding.position:
            await self._expire(holding, min(starts[part], start))
        if start > holding.position:
            log.info("chunks_lost", topic=part[0], partition=part[1], position=holding.position, start=start)
            await self._app.consumer.reseek(holding.tp, holding.position)
            return False
        return True

    async def _expire(self, holding: Holding, end: int) -> None:
        lost: Range = (holding.position, end)
        log.error("records_expired", topic=holding.tp.topic, partition=holding.tp.partition, start=lost[0], end=lost[1])
        metrics.EXPIRED.labels(holding.tp.topic).inc(lost[1] - lost[0])
        await self._advance(holding, Piece(Taken(NONE, lost[0], lost[1], [], [lost])))


def _start(agent: Agent, place: Place, settings: Settings, state: bytes | None) -> Work:
    try:
        return room(agent).begin(place, settings, state)
    except Exception as problem:
        raise Fault(f"{agent.name}[{place.partition}]: its snapshot cannot be used: {problem}") from problem


def _measure(holding: Holding, piece: Piece, seconds: float) -> None:
    name, taken = holding.agent.name, piece.taken
    metrics.AGENT.observe(seconds, name)
    metrics.RECORDS.labels(name, "applied" if piece.refused is None else "refused").inc(len(taken.records))
    if taken.voids:
        metrics.VOID.labels(holding.tp.topic).inc(sum(end - start for start, end in taken.voids))


def _least(pairs: Iterable[tuple[TP, int]]) -> dict[TP, int]:
    found: dict[TP, int] = {}
    for tp, offset in pairs:
        found[tp] = min(offset, found.get(tp, offset))
    return found
