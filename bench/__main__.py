"""make bench: the figures the product is judged by, beside their goals; BENCH_JSON=FILE writes them.

python -m bench [--quick] [--only NAME ...]
"""

import argparse
import time
from collections.abc import Callable

from bench import chain, scale, sink, worker
from bench.ground import Ground, ground
from bench.measure import Figure
from bench.table import show, write

SUSTAINED_S, QUICK_S = 90, 20
QUICK_RATES = (20_000, 50_000, 100_000)


def tell(text: str) -> None:
    """Progress for the person who waits."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def _sink(servers: Ground) -> list[Figure]:
    results = sink.run(servers.instance())
    return [
        Figure(
            f"sink, {result.case}",
            result.rows_s,
            "rows/s",
            ">= 250,000" if result.case == "in order" else "-",
            result.rows_s >= 250_000 if result.case == "in order" else None,
            f"client {result.client_us} us, server {result.server_us} us a row, transaction p99 {result.batch_p99_s} s",
        )
        for result in results
    ]


def _frames(servers: Ground, count: int) -> list[Figure]:
    settings = servers.instance(partitions=1)
    return [
        worker.frames(settings, "samples", 100, 10.0, count * 4),
        worker.frames(settings, "samples", 500, 50.0, count),
        worker.frames(settings, "waveform", 4096, 12_800.0, count // 4),
    ]


def parts(*, quick: bool) -> dict[str, Callable[[Ground], list[Figure]]]:
    """What can be measured, by name."""
    seconds = QUICK_S if quick else SUSTAINED_S
    rates = QUICK_RATES if quick else chain.RATES
    many = 4 if quick else 1
    return {
        "worker": lambda servers: [worker.data(servers, 2_000_000 // many)],
        "latency": lambda servers: chain.latency(servers, seconds, tell),
        "idle": lambda servers: [chain.idle(servers, seconds, tell)],
        "rebalance": lambda servers: chain.rebalances(servers, tell),
        "control": lambda servers: [worker.control(servers, 300_000 // many)],
        "frames": lambda servers: _frames(servers, 8000 // many),
        "sink": _sink,  # late: in its first minutes the broker's virtual machine compiles on the cores that the database wants
        "scale": lambda servers: scale.scale(servers, 10_000 // many, 10),
        "sustained": lambda servers: [chain.sustained(servers, seconds, tell, rates)],
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The figures the product is judged by.")
    parser.add_argument("--quick", action="store_true", help="shorter and smaller: for development")
    parser.add_argument("--only", nargs="+", choices=sorted(parts(quick=True)), help="only these parts")
    given = parser.parse_args()
    figures: list[Figure] = []
    with ground() as servers:
        for name, measure in parts(quick=given.quick).items():
            if not given.only or name in given.only:
                tell(f"{name} ...")
                figures += measure(servers)
    show(figures)
    write(figures)


if __name__ == "__main__":
    main()
