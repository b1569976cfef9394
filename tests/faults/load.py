"""A load at a constant rate, as a process of its own: `python -m tests.faults.load '{"rate": 5000, ...}'`; ends at SIGTERM.

Among sound readings go duplicates, corrected and late values, records no gateway should send, and transactions of which
many are aborted. What it counts is for people: the judge reads the topic.
"""

import json
import signal
import sys
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from confluent_kafka import KafkaError, KafkaException, Producer
from numpy.typing import NDArray

from schemas.identifiers import partition_of
from simulator.batch import Batch
from simulator.encoder import Encoder
from tests.faults.odd import MAKERS, Sound

TICK_S = 0.02
RECENT_TICKS = 200  # duplicates and corrections repeat one of the last readings
LATE_S = (600, 2 * 86_400)
ABORTED = 0.4  # share of the transactions
TRANSACTION_S = 0.25
TRANSACTION_RECORDS = 30


@dataclass(frozen=True)
class Plan:
    """What to send. `odd`, `again`, `corrected`, `late` are shares of the sound readings."""

    bootstrap: str
    topic: str
    partitions: int
    rate: float
    assets: int = 60
    sensors: int = 5
    seed: int = 1
    seconds: float = 3600.0
    odd: float = 0.005
    again: float = 0.01
    corrected: float = 0.01
    late: float = 0.01
    transactions: bool = True


class Mix:
    """Batches of readings and odd records, by seed."""

    def __init__(self, plan: Plan, start_us: int) -> None:
        self.plan, self.start_us = plan, start_us
        self.rng = np.random.default_rng(plan.seed)
        self.assets = [f"a{number:05d}" for number in range(plan.assets)]
        self.names = [f"{asset}.s{number}" for asset in self.assets for number in range(plan.sensors)]
        self.keys = [asset.encode() for asset in self.assets for _ in range(plan.sensors)]
        self.encoder = Encoder(self.names)
        self.level = self.rng.normal(50, 20, len(self.names))
        self.recent: deque[Batch] = deque(maxlen=RECENT_TICKS)
        self.sent = 0
        self.others = self._neighbours()

    def _neighbours(self) -> list[str]:
        """For each asset another one in the same partition; itself when there is none."""
        home = [partition_of(asset.encode(), self.plan.partitions) for asset in self.assets]
        newest: dict[int, str] = {}
        others = []
        for asset, partition in zip(self.assets, home, strict=True):
            others.append(newest.get(partition, asset))
            newest[partition] = asset
        return others

    def batch(self, count: int) -> Batch:
        """The next readings, with duplicates, corrections and late ones among them."""
        plan, rng = self.plan, self.rng
        number = np.arange(self.sent, self.sent + count)
        self.sent += count
        sensor = number % len(self.names)
        normal = self._measured(sensor, self.start_us + (number * (1e6 / plan.rate)).astype(np.int64))
        parts = [normal]
        if self.recent:
            old = self.recent[int(rng.integers(len(self.recent)))]
            parts.append(_some(old, rng.binomial(count, plan.again), rng))
            wrong = _some(old, rng.binomial(count, plan.corrected), rng)
            parts.append(Batch(wrong.sensor, wrong.ts, wrong.value + rng.normal(0, 1, len(wrong))))
        late = rng.integers(len(self.names), size=rng.binomial(count, plan.late))
        ago = (rng.uniform(*LATE_S, len(late)) * 1e6).astype(np.int64)
        parts.append(self._measured(late, normal.ts[-1] - ago))
        self.recent.append(normal)
        return _shuffled_in(parts, rng)

    def aside(self, count: int, now_us: int) -> Batch:
        """Readings that come another way: times between those of the load."""
        return self._measured(self.rng.integers(len(self.names), size=count), now_us + np.arange(count))

    def _measured(self, sensor: NDArray[np.int64], ts: NDArray[np.int64]) -> Batch:
        swing = np.sin(ts / 6e7 + sensor) * 2
        spikes = np.where(self.rng.random(len(sensor)) < 0.0005, 60.0, 0.0)
        return Batch(sensor, ts, self.level[sensor] + swing + self.rng.normal(0, 0.5, len(sensor)) + spikes)

    def odd(self, count: int, now_us: int) -> list[tuple[bytes | None, bytes | None, int]]:
        """Records that should not be."""
        made = []
        for _ in range(self.rng.binomial(count, self.plan.odd)):
            sensor = int(self.rng.integers(len(self.names)))
            asset = sensor // self.plan.sensors
            sound = Sound(self.names[sensor], self.assets[asset], self.others[asset], now_us, self.plan.partitions)
            made.append(MAKERS[int(self.rng.integers(len(MAKERS)))](sound, self.rng))
        return made


def _some(batch: Batch, count: int, rng: np.random.Generator) -> Batch:
    rows = rng.integers(len(batch), size=count)
    return Batch(batch.sensor[rows], batch.ts[rows], batch.value[rows])


def _shuffled_in(parts: list[Batch], rng: np.random.Generator) -> Batch:
    """All rows; those of the first part keep their order."""
    first, others = len(parts[0]), sum(map(len, parts[1:]))
    place = np.concatenate((np.arange(first, dtype=float), rng.uniform(0, first, others)))
    order = np.argsort(place, kind="stable")
    return Batch(*(np.concatenate([getattr(part, name) for part in parts])[order] for name in ("sensor", "ts", "value")))


class Load:
    """Sends a mix, counts what the broker confirmed."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.counts, self.over = plan, Counter[str](), False
        common = {
            "bootstrap.servers": plan.bootstrap, "enable.idempotence": True, "partitioner": "murmur2_random", "compression.type": "lz4",
            "linger.ms": 10, "batch.size": 500_000, "message.timeout.ms": 300_000, "log_level": 2, "reconnect.backoff.max.ms": 500,
            "queue.buffering.max.messages": 2_000_000, "queue.buffering.max.kbytes": 1_000_000, "error_cb": lambda _error: None,
        }  # fmt: skip
        self.producer = Producer({**common, "delivery.report.only.error": True})
        self._transactional = {
            **common,
            "transactional.id": f"{plan.topic}-load",
            "transaction.timeout.ms": 10_000,
            "message.timeout.ms": 10_000,
        }
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_: Any) -> None:
        self.over = True

    def _report(self, error: KafkaError | None, _message: Any) -> None:
        self.counts["undelivered"] += error is not None

    def run(self) -> None:
        """Send until the time is over or SIGTERM; then wait for the broker."""
        plan, begun = self.plan, time.monotonic()
        mix = Mix(plan, time.time_ns() // 1000)
        transactions = Transactions(plan, self.counts, self._transactional)
        if plan.transactions:
            transactions.start()
        while not self.over and time.monotonic() - begun < plan.seconds:
            due = min(int((time.monotonic() - begun) * plan.rate) - mix.sent, int(plan.rate))
            if due > 0:
                self._send(mix, due)
            self.producer.poll(0)
            time.sleep(max(0.001, TICK_S - (time.monotonic() - begun) % TICK_S))
        transactions.over.set()
        if plan.transactions:
            transactions.join(60)
        self.counts["left"] = self.producer.flush(120)
        self.counts["seconds_ms"] = int((time.monotonic() - begun) * 1000)

    def _send(self, mix: Mix, due: int) -> None:
        batch, topic, produce, report = mix.batch(due), self.plan.topic, self.producer.produce, self._report
        keys = mix.keys
        for value, sensor in zip(mix.encoder.encode(batch), batch.sensor.tolist(), strict=True):
            produce(topic, value, keys[sensor], on_delivery=report)
        odd = mix.odd(due, time.time_ns() // 1000)
        for raw, key, partition in odd:
            produce(topic, raw, key, partition, on_delivery=report)
        self.counts["sent"] += len(batch) + len(odd)
        self.counts["odd"] += len(odd)


class Transactions(threading.Thread):
    """Readings in transactions, many of them aborted, from a producer and a thread of their own: the load does not wait for them."""

    def __init__(self, plan: Plan, counts: Counter[str], client: dict[str, Any]) -> None:
        super().__init__(name="transactions", daemon=True)
        self._counts, self._client, self.over = counts, client, threading.Event()
        self._mix = Mix(plan, 0)

    def run(self) -> None:
        """One transaction after the other; a broker that is away costs a transaction and the producer."""
        producer = None
        while not self.over.wait(TRANSACTION_S):
            try:
                if producer is None:
                    producer = Producer(self._client)
                    producer.init_transactions(30)
                self._transact(producer)
            except KafkaException as problem:
                producer = None
                self._counts["transactions_failed"] += 1
                print(f"transaction failed: {problem}", file=sys.stderr)  # noqa: T201

    def _transact(self, producer: Any) -> None:
        mix = self._mix
        batch = mix.aside(int(mix.rng.integers(1, TRANSACTION_RECORDS)), time.time_ns() // 1000)
        producer.begin_transaction()
        for value, sensor in zip(mix.encoder.encode(batch), batch.sensor.tolist(), strict=True):
            producer.produce(mix.plan.topic, value, mix.keys[sensor])
        if mix.rng.random() < ABORTED:
            producer.flush(10)  # aborted records must have been written to leave a trace
            producer.abort_transaction(10)
            self._counts["aborted"] += len(batch)
        else:
            producer.commit_transaction(10)
            self._counts["committed"] += len(batch)


def main() -> None:
    """Run the plan in the first argument; prints the counts."""
    load = Load(Plan(**json.loads(sys.argv[1])))
    load.run()
    print(json.dumps(load.counts))  # noqa: T201  read by the harness


if __name__ == "__main__":
    main()
