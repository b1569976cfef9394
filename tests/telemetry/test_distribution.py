import math
from threading import Thread

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from telemetry.distribution import Distribution

BOUNDS = (0.1, 0.5, 1.0, 5.0)


def distribution(*labels: str) -> tuple[Distribution, CollectorRegistry]:
    registry = CollectorRegistry()
    return Distribution("seconds", "Test.", BOUNDS, labels, registry), registry


def test_exports_exactly_what_the_histogram_of_prometheus_exports() -> None:
    values = np.random.default_rng(1).exponential(1.0, 5000).round(3)
    ours, registry = distribution("table")
    ours.observe(values[:3000], "m")
    ours.observe(values[3000:], "m")
    reference = CollectorRegistry()
    histogram = Histogram("seconds", "Test.", ["table"], buckets=BOUNDS, registry=reference)
    for value in values:
        histogram.labels("m").observe(value)
    for bound in ("0.1", "0.5", "1.0", "5.0", "+Inf"):
        labels = {"table": "m", "le": bound}
        assert registry.get_sample_value("seconds_bucket", labels) == reference.get_sample_value("seconds_bucket", labels)
    assert registry.get_sample_value("seconds_count", {"table": "m"}) == 5000
    assert registry.get_sample_value("seconds_sum", {"table": "m"}) == pytest.approx(values.sum())
    assert b"# TYPE seconds histogram" in generate_latest(registry)


def test_quantile_is_linear_inside_a_bucket() -> None:
    ours, _ = distribution()
    ours.observe([0.05] * 50 + [0.3] * 50)
    assert ours.quantile(0.5) == pytest.approx(0.1)
    assert ours.quantile(0.75) == pytest.approx(0.3)
    assert ours.quantile(1.0) == pytest.approx(0.5)


def test_quantile_of_nothing_is_undefined_and_of_giants_the_last_bound() -> None:
    ours, _ = distribution()
    assert math.isnan(ours.quantile(0.5))
    ours.observe(99.0)
    assert ours.quantile(0.5) == 5.0


def test_quantile_of_an_interval_ignores_what_was_before() -> None:
    ours, _ = distribution("table")
    ours.observe([0.05] * 100, "m")
    begin = ours.counts("m")
    assert math.isnan(ours.quantile(0.5, "m", since=begin))
    ours.observe([2.0] * 10, "m")
    assert ours.quantile(0.5, "m", since=begin) == 3.0
    assert ours.counts("never").sum() == 0


def test_nan_is_ignored_and_wrong_labels_are_refused() -> None:
    ours, registry = distribution("table")
    ours.observe(math.nan, "m")
    assert registry.get_sample_value("seconds_count", {"table": "m"}) == 0
    with pytest.raises(ValueError, match="labels"):
        ours.observe(1.0)


def test_threads_lose_nothing() -> None:
    ours, registry = distribution()

    def write() -> None:
        for _ in range(500):
            ours.observe([0.2, 0.7])

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.get_sample_value("seconds_count") == 4000
