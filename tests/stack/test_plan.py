from pathlib import Path

from stack import plan
from stack.instance import Instance


def names(tmp_path: Path, given: dict[str, str]) -> set[str]:
    elsewhere = {"database_url": "postgresql://me@db/x", "kafka_bootstrap_servers": "k:9092", "schema_registry_url": "http://r"}
    return {service.name for service in plan.servers(Instance(tmp_path), "full", {**elsewhere, **given})}


def test_full_runs_mlflow_and_its_store_unless_they_are_elsewhere(tmp_path: Path) -> None:
    assert names(tmp_path, {}) == {"mlflow", "s3", "valkey"}
    assert names(tmp_path, {"mlflow_tracking_uri": "https://mlflow.example"}) == {"valkey"}
    assert plan.databases("full", {"mlflow_tracking_uri": "https://mlflow.example"}) == {"registry"}
    assert plan.databases("full", {}) == {"mlflow", "registry"}


def test_commands_learn_where_mlflow_is(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert plan.addresses(instance, "full", {})["mlflow_tracking_uri"] == f"http://127.0.0.1:{instance.ports['mlflow']}"
    assert "mlflow_tracking_uri" not in plan.addresses(instance, "core", {})
