"""What serving costs: delay of records while champions are exchanged, and the cold load of a large model from the object store.

The machine itself delays records, too: each window with an exchange has one beside it without, and their difference is what counts.

python -m bench.serving [--swaps N]; the object store is the one of the profile full, MLflow's tables are SQLite.
"""

import argparse
import multiprocessing
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from models.artifact import Artifact
from models.card import Card, Figure
from models.choice import Need
from models.recipe import Trained
from models.refresh import Refresh
from models.registry import Registry
from models.runs import register
from models.serving import Serving
from models.shelf import Shelf
from models.table import FloatArray
from models.version import CHAMPION, Version
from settings import Settings, load
from stack import s3
from stack.instance import Instance

INPUTS = tuple(f"column_{number}" for number in range(20))
NEED = Need("classification", INPUTS)
PACE_S = 0.001
SLOW_MS = 10.0
WINDOW_S = 2.0  # an exchange takes less
BOOTSTRAP = 10_000
NUMBERS = 2_000_000  # beside the graph of the large model: 16 MB that cannot be packed


@dataclass(frozen=True)
class Delays:
    """How long records took, milliseconds."""

    stretch: str
    records: int
    versions: int
    median_ms: float
    p999_ms: float
    max_ms: float
    share_over_10_ms: float


@dataclass(frozen=True)
class Excess:
    """Share of records that took longer than 10 ms, with an exchange and without, in pairs of windows beside each other.

    Args:
        low: lower end of the 95 % bootstrap interval of `added`, over pairs.
        high: its upper end.

    """

    pairs: int
    exchanges: int
    with_exchange: float
    without: float
    added: float
    low: float
    high: float


@contextmanager
def store(home: Path) -> Iterator[Settings]:
    """Settings of an instance whose object store runs."""
    instance = Instance(home)
    service = s3.service(instance)
    service.prepare()
    with (
        (instance.logs / "s3.log").open("wb") as log,
        subprocess.Popen(
            [str(word) for word in service.command], env={**os.environ, **service.environment}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            deadline = time.monotonic() + service.wait_s
            while reason := service.probe():
                if time.monotonic() > deadline:
                    raise SystemExit(f"the object store does not start: {reason}")
                time.sleep(0.1)
            keys = s3.keys(instance)
            yield load(
                home=home,
                artifacts_url=f"s3://{s3.BUCKET}/models",
                s3_endpoint_url=s3.url(instance),
                aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                aws_region="us-east-1",
            )
        finally:
            process.terminate()
            process.wait()
            s3.clean(instance)


def forest(seed: int, name: str = "forest") -> Trained:
    """Sixty trees as a graph, some megabytes."""
    from skl2onnx import to_onnx  # noqa: PLC0415  seconds of import
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(6000, len(INPUTS)))
    labels = (rows[:, 0] * rows[:, 1] + dice.normal(size=len(rows)) > 0).astype(int)
    model = RandomForestClassifier(60, max_depth=10, random_state=seed).fit(rows, labels)
    graph = to_onnx(model, rows[:1].astype(np.float32), options={"zipmap": False}, target_opset=18).SerializeToString()
    artifact = Artifact("graph", INPUTS, ("probability",), graphs={"model": graph}, options={"output": "probabilities"})
    figure = Figure("generated", "none", "F1", 0.6, "higher", trivial=0.5)
    card = Card(name, "classification", "Sixty trees", ("general",), (), "any", "generated", "none", "benchmark", (figure,))
    return Trained(artifact, card, rows[:2], {})


def change(settings: Settings, plan: Sequence[bool], told: Connection) -> None:
    """In a process of its own: at the begin of each window the champion becomes the next version (True), or the same one again (False).

    The same question goes to the registry either way, so that only the exchange itself makes the difference.
    """
    registry, number = Registry(settings), 1
    name = registry.registered("forest")
    for swap in plan:
        number += swap
        told.send(time.perf_counter())  # one clock for all processes
        registry.client.set_registered_model_alias(name, CHAMPION, str(number))
        time.sleep(WINDOW_S)
    told.send(time.perf_counter())


def loop(serving: Serving, seconds: float, process: multiprocessing.process.BaseProcess | None = None) -> tuple[FloatArray, set[int]]:
    """A record each millisecond, for some seconds or while the process lives: begin and end of each (n, 2), versions seen."""
    rows = np.random.default_rng(0).normal(size=(8, len(INPUTS)))
    spent, seen = [], set()
    end = time.perf_counter() + seconds
    while process.is_alive() if process else time.perf_counter() < end:
        began = time.perf_counter()
        answer = serving.predict(NEED, rows)
        spent.append((began, time.perf_counter()))
        seen.add(answer.version)
        time.sleep(max(PACE_S - (time.perf_counter() - began), 0))
    return np.array(spent), seen - {0}


def delays(stretch: str, spent: FloatArray, versions: int) -> Delays:
    """Figures of records, given begin and end of each (n, 2), seconds."""
    taken = (spent[:, 1] - spent[:, 0]) * 1000
    median, late = np.percentile(taken, (50, 99.9))
    return Delays(stretch, len(taken), versions, float(median), float(late), float(taken.max()), float((taken > SLOW_MS).mean()))


class Watched(Refresh):
    """Notes when models were loaded, and how long the exchange itself took."""

    def __init__(self, serving: Serving, settings: Settings) -> None:
        super().__init__(serving, lambda: Registry(settings), Shelf(settings.home / "served"), every_s=0.2)
        self.at_work = serving
        self.loads: list[tuple[float, float]] = []

    def load(self, versions: Sequence[Version]) -> None:
        """The same, with a stopwatch."""
        before, began = set(self.at_work.state.models), time.perf_counter()
        super().load(versions)
        if set(self.at_work.state.models) != before:
            self.loads.append((began, time.perf_counter()))


def swaps(settings: Settings, count: int) -> tuple[list[Delays], Excess]:
    """Delays with nothing beside, in windows with an exchange and in as many without one, and what the exchange adds."""
    registry = Registry(settings)
    for seed in range(count + 1):
        register(registry, forest(seed), seed=seed)
    serving = Serving(budget_ms=1000, retry_s=60)
    refresh = Watched(serving, settings)
    refresh.refresh()
    quiet, _ = loop(serving, 10)
    dice = np.random.default_rng(0)
    plan = [bool(swap) for _ in range(count) for swap in dice.permutation(2)]
    refresh.start()
    refresh.loads.clear()
    hears, tells = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.get_context("spawn").Process(target=change, args=(settings, plan, tells))
    worker.start()
    spent, seen = loop(serving, 0, worker)
    refresh.stop()
    serving.close()
    edges = [hears.recv() for _ in range(len(plan) + 1)]
    windows = [spent[(spent[:, 0] >= begin) & (spent[:, 0] < end)] for begin, end in pairwise(edges)]
    with_swap, without = (
        np.concatenate([part for part, swap in zip(windows, plan, strict=True) if swap is kind]) for kind in (True, False)
    )
    return [
        delays("nothing beside", quiet, 1),
        delays("windows without an exchange", without, 0),
        delays("windows with an exchange", with_swap, len(seen) - 1),
    ], excess(windows, plan, len(refresh.loads))


def excess(windows: Sequence[FloatArray], plan: Sequence[bool], exchanged: int) -> Excess:
    """Share of late records in windows with an exchange less that in the window beside it without one.

    Args:
        windows: begin and end of each record (n, 2), seconds; two on end are a pair.
        plan: whether a window had an exchange; one of each pair has.
        exchanged: loads that were seen.

    """
    late = np.array([float(((part[:, 1] - part[:, 0]) * 1000 > SLOW_MS).mean()) for part in windows]).reshape(-1, 2)
    sides = np.array(plan).reshape(-1, 2)
    found = late[sides] - late[~sides]
    dice = np.random.default_rng(0)
    means = dice.choice(found, (BOOTSTRAP, len(found))).mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Excess(
        len(found), exchanged, float(late[sides].mean()), float(late[~sides].mean()), float(found.mean()), float(low), float(high)
    )


def cold(settings: Settings) -> tuple[int, float]:
    """Bytes of a large model, and seconds from nothing but the settings to its first answer, in a new process."""
    given = forest(99, "large")
    noise = {"noise": np.random.default_rng(0).normal(size=NUMBERS)}
    known = register(Registry(settings), replace(given, artifact=replace(given.artifact, arrays=noise)), seed=99)
    size = sum(Registry(settings).bucket.listing(known.source).values())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return size, min(pool.map(_cold, [settings] * 3, chunksize=1))


def _cold(settings: Settings) -> float:
    from models.predictor import predictor  # noqa: PLC0415

    Registry(settings).versions()  # imports and connections of the process that serves are there already
    began = time.perf_counter()
    fresh = Registry(settings)
    predictor(fresh.load(fresh.version("large", CHAMPION))).predict(np.zeros((1, len(INPUTS))))
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swaps", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, store(Path(folder) / "home") as settings:
        size, seconds = cold(settings)
        print(f"cold load of {size / 1e6:.1f} MB from the object store to the first answer: {seconds:.3f} s")
        rows, added = swaps(settings, given.swaps)
        for told in [*(asdict(each).items() for each in rows), asdict(added).items()]:
            print(", ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in told))


if __name__ == "__main__":
    main()
