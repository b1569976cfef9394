"""The whole chain on one machine: producer, broker, data worker, sink and database, as real processes."""

import time
from collections.abc import Callable

import numpy as np

from bench.ground import Ground
from bench.measure import Figure, Lag, Meter, Sampler, latency_s, roles, stall_s
from bench.preload import clean_plan
from tests.faults.harness import Chain, until
from tests.faults.storm import READY, Storm

Tell = Callable[[str], None]
PARTITIONS = 8
ROLES = ("data", "deliver", "control")
SLOPE_MAX = 0.01  # of the rate
LAG_MAX_S = 1.0
WARM_S = 75  # the backlog of the start, then the compiler of the broker's virtual machine
RATES = (50_000, 100_000, 150_000, 200_000, 250_000)


def _begin(chain: Chain, rate: float, tell: Tell) -> Storm:
    for role in ROLES:
        chain.start(role)
    until(lambda: READY["data"] in chain.watch.slots["data-0"].text(), "the worker has partitions", 180)
    chain.begin_load(clean_plan(chain.settings, rate))
    storm = Storm(chain, tell)
    storm.begin()
    return storm


def _cores(meter: Meter) -> dict[str, float]:
    passed, spent = meter.read()
    return {role: round(seconds / passed, 3) for role, seconds in spent.items()}


def _words(cores: dict[str, float]) -> str:
    return ", ".join(f"{role} {share:.2f}" for role, share in cores.items())


def sustained(ground: Ground, seconds: float, tell: Tell, rates: tuple[int, ...] = RATES) -> Figure:
    """Highest rate that is kept for `seconds` without growing lag: slope of the last two thirds, lag at the end."""
    best, words, limit = 0, "", ""
    for rate in rates:
        with Chain(ground.instance(partitions=PARTITIONS), ground.stack, ground.folder / f"rate-{rate}", session_timeout_s=10) as chain:
            _begin(chain, rate, tell)
            meter, lag = Meter(roles(chain)), Lag(chain)
            lag.watch(seconds, lambda text, rate=rate: tell(f"{rate:,}/s {text}"))  # type: ignore[misc]  # a bound default
            cores = _cores(meter)
            chain.end_load()
        slope = lag.slope(seconds * 2 / 3)
        found = f"slope {slope:,.0f}/s, end lag {lag.end:,}; cores: {_words(cores)} = {sum(cores.values()):.2f}"
        tell(f"{rate:,}/s: {found}")
        if slope > SLOPE_MAX * rate or lag.end > LAG_MAX_S * rate:
            limit = f"; not kept: {rate:,}/s ({found})"
            break
        best, words = rate, found
    detail = f"{seconds:.0f} s, 1,000 sensors, {PARTITIONS} partitions, unique index, synchronous commit; {words}{limit}"
    return Figure("whole chain, sustained", best, "readings/s", ">= 150,000", best >= 150_000, detail)


def latency(ground: Ground, seconds: float, tell: Tell, rate: int = 20_000) -> list[Figure]:
    """Kafka record timestamp to committed row, and the cores of all processes together."""
    with Chain(ground.instance(partitions=PARTITIONS), ground.stack, ground.folder / "latency", session_timeout_s=10) as chain:
        _begin(chain, rate, tell)
        time.sleep(WARM_S)
        meter = Meter(roles(chain))
        time.sleep(seconds)
        cores = _cores(meter)
        sampler = Sampler(chain)
        sampler.start()
        time.sleep(seconds)
        samples = sampler.stop()
        chain.end_load()
        found = latency_s(chain, samples)
    p50, p99 = np.quantile(found, [0.5, 0.99])
    detail = f"{rate:,}/s, {len(found):,} records; cores: {_words(cores)}"
    return [
        Figure("latency p50", round(float(p50), 3), "s", "-", None, detail),
        Figure("latency p99", round(float(p99), 3), "s", "< 0.3", bool(p99 < 0.3), "Kafka timestamp to committed row"),
        Figure("cores of all processes", round(sum(cores.values()), 3), "cores", "< 0.6", sum(cores.values()) < 0.6, f"at {rate:,}/s"),
    ]


def idle(ground: Ground, seconds: float, tell: Tell, rate: int = 500) -> Figure:
    """What the platform costs when little happens."""
    with Chain(ground.instance(partitions=PARTITIONS), ground.stack, ground.folder / "idle", session_timeout_s=10) as chain:
        _begin(chain, rate, tell)
        time.sleep(WARM_S)
        meter = Meter(roles(chain))
        time.sleep(seconds)
        cores = _cores(meter)
        chain.end_load()
    total = round(sum(cores.values()), 3)
    return Figure("idle cost at 500 readings/s", total, "cores", "< 0.2", total < 0.2, f"all processes, {seconds:.0f} s: {_words(cores)}")


def rebalances(ground: Ground, tell: Tell, rate: int = 4000) -> list[Figure]:
    """Longest time in which a partition stood still when a worker joins, leaves and is killed."""
    figures = []
    with Chain(ground.instance(partitions=PARTITIONS), ground.stack, ground.folder / "rebalances", session_timeout_s=6) as chain:
        storm = _begin(chain, rate, tell)

        def join() -> None:
            third = chain.start("data", "data-third")
            until(lambda: READY["data"] in third.text(), "the third worker has partitions", 120)

        def leave() -> None:
            chain.watch.slots["data-third"].end()

        def kill() -> None:
            chain.watch.slots["data-0"].kill()

        for name, goal_s, act in (("joins", 2.8, join), ("leaves", 2.5, leave), ("killed", 7.5, kill)):
            sampler = Sampler(chain, 0.05)
            sampler.start()
            time.sleep(2)
            begun = time.time()
            act()
            storm.flow(name, 120)
            time.sleep(2)
            stalled = round(stall_s(sampler.stop(), begun), 2)
            figures.append(Figure(f"rebalance stall, worker {name}", stalled, "s", f"<= {goal_s}", stalled <= goal_s, "slowest partition"))
            tell(f"{name}: {stalled} s")
        chain.end_load()
    return figures
