import re

from telemetry import metrics


def test_every_metric_is_named_alike_and_says_what_it_is() -> None:
    for name, kind, _labels, help_text in metrics.table():
        assert re.fullmatch(r"maint_[a-z_]+", name)
        assert help_text.endswith(".") or help_text[-1] in "0123456789s", name
        assert (kind == "counter") == name.endswith("_total")
        assert (kind == "histogram") <= name.endswith("_seconds")


def test_table_is_sorted_and_names_each_metric_once() -> None:
    names = [row[0] for row in metrics.table()]
    assert names == sorted(set(names))
    assert {"maint_records_total", "maint_latency_seconds", "maint_breaker_state"} <= set(names)


def test_labels_are_bounded_sets() -> None:
    allowed = {"", "agent", "outcome", "topic", "reason", "kind", "table", "partition", "dependency", "protocol"}
    assert {label for row in metrics.table() for label in row[2].split(", ")} <= allowed


def test_value_reads_back_what_was_counted() -> None:
    before = metrics.value("maint_records_total", agent="test", outcome="stored")
    metrics.RECORDS.labels("test", "stored").inc(3)
    assert metrics.value("maint_records_total", agent="test", outcome="stored") == before + 3
    assert metrics.value("maint_records_total", agent="test", outcome="never") == 0.0
