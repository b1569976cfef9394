"""Other frameworks on the same broker and records: (a) an EWMA job in each one's idiomatic form, (b) our kernels in its batch call.

Their packages are not ours. In a throw-away environment, outside this repository:

    uv venv -p 3.11 PEERS && uv pip install --python PEERS/bin/python -r requirements.lock quixstreams bytewax "pandas>=2.2"
    python -m bench.peers --python PEERS/bin/python

Each peer runs in a process of its own, which prints its processor seconds from the first record to the last.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
PARTITIONS = 16
START_US = 1_780_000_000_000_000
WEIGHT = 0.02


class Count:
    """Counts records; after the last one it prints what they cost and ends the process."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.done = wanted, 0
        self.begun = self.spent = 0.0

    def add(self, records: int) -> None:
        """So many more."""
        if not self.done:
            self.begun, self.spent = time.perf_counter(), time.process_time()
        self.done += records
        if self.done >= self.wanted:
            seconds, cpu = time.perf_counter() - self.begun, time.process_time() - self.spent
            found = {"records": self.done, "wall_s": seconds, "cpu_s": cpu}
            print(json.dumps(found), file=sys.__stdout__, flush=True)  # Faust takes sys.stdout
            os._exit(0)


class Ewma:
    """The job of row (a): decode with fastavro, deviation from a moving level by sensor."""

    def __init__(self) -> None:
        from schemas import codec  # noqa: PLC0415  the parent process needs none of it

        self._decode, self._levels = codec.decode, dict[str, tuple[float, float]]()

    def score(self, value: bytes) -> float:
        """Score of one reading."""
        record = self._decode(value).record  # type: ignore[union-attr]  # sound records only
        level, variance = self._levels.get(record["sensor_id"], (record["value"], 1.0))
        off = record["value"] - level
        self._levels[record["sensor_id"]] = (level + WEIGHT * off, (1 - WEIGHT) * (variance + WEIGHT * off * off))
        return float(off / math.sqrt(variance + 1e-9))


class Kernels:
    """The job of row (b): the full level-1 job of this product, one call per batch of one partition."""

    def __init__(self) -> None:
        acquisition, self._numpy = import_module("processors.acquisition"), import_module("numpy")
        acquisition.warm()
        self._acquisition, self._states = acquisition, dict[int, Any]()
        self._next = [0] * PARTITIONS

    def score(self, partition: int, keys: list[bytes], values: list[bytes]) -> int:
        """Rows of one batch."""
        numpy, first = self._numpy, self._next[partition]
        if partition not in self._states:
            source = self._acquisition.Source("readings", "readings.raw.v1", "", partition, PARTITIONS)
            self._states[partition] = self._acquisition.Acquisition(source=source, options=self._acquisition.Options())
        self._next[partition] += len(values)
        known_at = numpy.full(len(values), START_US + 10**15)
        return len(self._states[partition].apply(values, keys, numpy.arange(first, first + len(values)), known_at).rows)


def faust(bootstrap: str, topic: str, count: Count) -> None:
    """Stock Faust: an agent, one event at a time."""
    library, worker = import_module("faust"), import_module("faust.worker")
    app = library.App(
        f"peer-{uuid.uuid4().hex[:8]}", broker=f"kafka://{bootstrap}", web_enabled=False, topic_disable_leader=True,
        topic_allow_declare=False, topic_partitions=PARTITIONS, datadir=tempfile.mkdtemp(), cython_optimizations=True,
        consumer_auto_offset_reset="earliest", stream_wait_empty=False,
    )  # fmt: skip
    job = Ewma()
    raw = library.Schema(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def agent(stream: Any) -> None:  # noqa: ANN401  Faust is untyped
        async for value in stream:
            job.score(value)
            count.add(1)

    app.agent(app.topic(topic, schema=raw))(agent)
    sys.argv = sys.argv[:1]
    worker.Worker(app, loglevel="WARN", quiet=True).execute_from_commandline()


def quix(bootstrap: str, topic: str, count: Count) -> None:
    """Quix Streams: a data frame; it has no batch call."""
    application = import_module("quixstreams").Application(
        broker_address=bootstrap, consumer_group=f"peer-{uuid.uuid4().hex[:8]}", auto_offset_reset="earliest", auto_create_topics=False,
        loglevel="WARNING", commit_interval=2.0, commit_every=0,
    )  # fmt: skip
    job = Ewma()
    source = application.topic(topic, key_deserializer="bytes", value_deserializer="bytes")

    def step(value: bytes) -> float:
        found = job.score(value)
        count.add(1)
        return found

    application.dataframe(source).apply(step)
    application.run()


def _bytewax(bootstrap: str, topic: str, step: Callable[[list[Any]], list[Any]], count: Count) -> None:
    flow_module, op = import_module("bytewax.dataflow"), import_module("bytewax.operators")
    outputs = import_module("bytewax.outputs")

    class Part(outputs.StatelessSinkPartition):  # type: ignore[misc,name-defined]
        def write_batch(self, items: list[int]) -> None:
            count.add(sum(items))

    class Sink(outputs.DynamicSink):  # type: ignore[misc,name-defined]
        def build(self, _step: str, _index: int, _workers: int) -> Part:
            return Part()

    flow = flow_module.Dataflow("peer")
    kafka = import_module("bytewax.connectors.kafka")
    more = {"fetch.wait.max.ms": "50", "fetch.queue.backoff.ms": "10"}
    stream = op.input("in", flow, kafka.KafkaSource([bootstrap], [topic], batch_size=2000, add_config=more))
    stream = op.flat_map_batch("job", stream, step)
    op.output("out", stream, Sink())
    import_module("bytewax.testing").run_main(flow)


def bytewax(bootstrap: str, topic: str, count: Count) -> None:
    """Bytewax: its batch operator over plain Python."""
    job = Ewma()

    def step(messages: list[Any]) -> list[int]:
        for message in messages:
            job.score(message.value)
        return [len(messages)]

    _bytewax(bootstrap, topic, step, count)


def bytewax_kernels(bootstrap: str, topic: str, count: Count) -> None:
    """Bytewax: its batch operator over our kernels; its source gives batches of one partition."""
    job = Kernels()

    def step(messages: list[Any]) -> list[int]:
        values, keys = [message.value for message in messages], [message.key for message in messages]
        return [job.score(messages[0].partition, keys, values)] if messages else []

    _bytewax(bootstrap, topic, step, count)


PEERS: dict[str, tuple[str, Callable[[str, str, Count], None]]] = {
    "Faust, EWMA": ("faust", faust),
    "Quix Streams, EWMA": ("quixstreams", quix),
    "Bytewax, EWMA": ("bytewax", bytewax),
    "Bytewax, our kernels": ("bytewax", bytewax_kernels),
}


def measure(python: str, records: int) -> list[dict[str, Any]]:
    """Run every peer on a topic that was filled before."""
    from bench.ground import ground  # noqa: PLC0415  a peer's environment has no servers
    from bench.preload import clean_plan, fill, readings  # noqa: PLC0415
    from streams.topics import RAW  # noqa: PLC0415

    found = []
    with ground() as servers:
        settings = servers.instance(partitions=PARTITIONS)
        fill(settings, RAW, readings(clean_plan(settings, 1000), records, START_US))
        for name in PEERS:
            wanted = records // 10 if name.startswith("Faust") else records
            command = [python, "-m", "bench.peers", "--run", name, settings.kafka_bootstrap_servers, settings.topic(RAW), str(wanted)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
            lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
            found.append({"peer": name, **json.loads(lines[-1])} if lines else {"peer": name, "missing": done.stderr[-300:]})
    return found


def main() -> None:
    """Print the table, or be one peer."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description="Other frameworks on the same broker and records.")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the peers' environment")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--run", nargs=4, metavar=("PEER", "BOOTSTRAP", "TOPIC", "RECORDS"), help="be one peer")
    given = parser.parse_args()
    if given.run:
        name, bootstrap, topic, records = given.run
        package, run = PEERS[name]
        if find_spec(package) is None:
            sys.exit(f"{package} is not installed: see the head of bench/peers.py")
        run(bootstrap, topic, Count(int(records)))
        return
    table = Table("peer", "records/s per core", "records/s wall", "us CPU a record")
    for row in measure(given.python, given.records):
        if "missing" in row:
            table.add_row(row["peer"], "-", "-", row["missing"])
            continue
        count = row["records"]
        table.add_row(row["peer"], f"{count / row['cpu_s']:,.0f}", f"{count / row['wall_s']:,.0f}", f"{row['cpu_s'] / count * 1e6:.2f}")
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
