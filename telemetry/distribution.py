"""A histogram that takes a whole column at once: a sink sees a hundred thousand latencies a second.

prometheus_client's own Histogram takes one value per call. This collector counts with numpy and is exported
in the same way; it also answers quantiles, for status and the demo view.
"""

from collections.abc import Iterable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import ArrayLike, NDArray
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class Distribution(Collector):
    """Counts of values (seconds) per bucket and label values; safe to use from several threads.

    Args:
        name: exported name, ending in its unit.
        help_text: one sentence.
        bounds: upper bounds of the buckets, ascending; one bucket for what is larger is added.
        labelnames: names of the labels.
        registry: where it is exported.
    """

    def __init__(
        self, name: str, help_text: str, bounds: Sequence[float], labelnames: Sequence[str] = (), registry: CollectorRegistry = REGISTRY
    ) -> None:
        self.name, self.help_text, self.labelnames = name, help_text, tuple(labelnames)
        self._bounds = np.asarray(bounds, dtype=np.float64)
        self._counts: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        self._lock = Lock()
        registry.register(self)

    def observe(self, values: ArrayLike, *labels: str) -> None:
        """Count one value or an array of values under these label values; NaN is ignored.

        Raises:
            ValueError: the number of label values differs from the number of label names.
        """
        if len(labels) != len(self.labelnames):
            raise ValueError(f"{self.name} has the labels {self.labelnames}, not {labels}")
        column = np.atleast_1d(np.asarray(values, dtype=np.float64))
        column = column[~np.isnan(column)]
        added = np.bincount(np.searchsorted(self._bounds, column), minlength=len(self._bounds) + 1)
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + added
            self._sums[labels] = self._sums.get(labels, 0.0) + float(column.sum())

    def counts(self, *labels: str) -> NDArray[np.int64]:
        """Values so far per bucket; kept by a caller, it is the begin of an interval for quantile()."""
        with self._lock:
            found = self._counts.get(labels)
        return np.zeros(len(self._bounds) + 1, dtype=np.int64) if found is None else found

    def quantile(self, share: float, *labels: str, since: NDArray[np.int64] | None = None) -> float:
        """Value below which `share` (0..1) of the values lie, linear inside a bucket; NaN without values.

        Values beyond the last bound count as the last bound. With `since` only what came after it is looked at.
        """
        counts = self.counts(*labels) - (0 if since is None else since)
        if not counts.sum():
            return float("nan")
        reached = np.concatenate(([0.0], np.cumsum(counts[:-1]) / counts.sum()))
        edges = np.concatenate(([0.0], self._bounds))
        place = int(np.searchsorted(reached, share))
        if place >= len(reached):
            return float(self._bounds[-1])
        if place == 0:
            return 0.0
        part = (share - reached[place - 1]) / (reached[place] - reached[place - 1])
        return float(edges[place - 1] + part * (edges[place] - edges[place - 1]))

    def describe(self) -> Iterable[HistogramMetricFamily]:
        """Name and kind, without samples."""
        return [HistogramMetricFamily(self.name, self.help_text, labels=self.labelnames)]

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """Everything counted so far, in Prometheus' form (cumulative buckets)."""
        family = HistogramMetricFamily(self.name, self.help_text, labels=self.labelnames)
        bounds = [*(repr(float(bound)) for bound in self._bounds), "+Inf"]
        with self._lock:
            for labels, counts in self._counts.items():
                buckets = list(zip(bounds, np.cumsum(counts).astype(float).tolist(), strict=True))
                family.add_metric(labels, buckets, sum_value=self._sums[labels])
        return [family]
