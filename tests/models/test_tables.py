"""The registry as the profile full runs it: MLflow's server on PostgreSQL tables, files in the object store."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest

from models.choice import Need
from models.promotion import promote, rollback
from models.refresh import Refresh
from models.registry import Registry
from models.runs import register
from models.serving import Serving
from models.shelf import Shelf
from settings import Settings, load
from stack import mlflow, plan, postgres, s3
from stack.address import Address
from stack.native import Stack
from tests.models import sample

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]  # MLflow makes its tables by some fifty migrations
NEED = Need("classification", sample.INPUTS, frozenset({"flow"}))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, object_store_client: pytest.MonkeyPatch) -> Iterator[Stack]:
    """PostgreSQL, object store and MLflow of the native stack, as `maint up --profile full` starts them, without the others."""
    made = Stack(tmp_path_factory.mktemp("tables"), "full")
    makers: list[plan.Make] = [
        lambda instance: postgres.service(instance, {mlflow.DATABASE}),
        s3.service,
        lambda instance: mlflow.service(instance, Address(postgres.url(instance))),
    ]
    object_store_client.setattr(plan, "_makers", lambda *_: makers)
    try:
        made.up(servers_only=True)
        yield made
    finally:
        made.down(purge=True)


@pytest.fixture(scope="module")
def settings(stack: Stack) -> Settings:
    keys = s3.keys(stack.instance)
    return load(
        home=stack.instance.home,
        artifacts_url=f"s3://{s3.BUCKET}/models",
        s3_endpoint_url=s3.url(stack.instance),
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_region="us-east-1",
    )


def test_a_model_is_registered_promoted_loaded_and_rolled_back(stack: Stack, settings: Settings, tmp_path: Path) -> None:
    registry = Registry(settings)
    assert registry.address == mlflow.url(stack.instance)
    first, second = (register(registry, sample.trained("wear", value=0.8 + seed / 10, seed=seed), seed=seed) for seed in range(2))
    assert (sorted(first.aliases), sorted(second.aliases)) == (["champion"], ["challenger"])
    assert second.source.startswith(f"s3://{s3.BUCKET}/models/")
    assert promote(registry, "wear").number == 2

    fresh = Registry(settings)  # as another process would
    known = fresh.version("wear", "champion")
    assert (known.number, known.digest, known.card) == (2, second.digest, second.card)
    assert fresh.load(known).files() == sample.artifact(1).files()
    serving = Serving(budget_ms=10_000.0, retry_s=60.0)
    refresh = Refresh(serving, lambda: fresh, Shelf(tmp_path / "served"), every_s=60.0)
    refresh.refresh()
    assert serving.predict(NEED, np.ones((2, 2))).version == 2
    assert rollback(registry, "wear", reason="false alarms").number == 1
    refresh.refresh()
    assert serving.predict(NEED, np.ones((2, 2))).version == 1
    serving.close()

    with psycopg.connect(Address(postgres.url(stack.instance)).with_database(mlflow.DATABASE)) as connection:
        rows = connection.execute("select alias, version from registered_model_aliases where name = 'wear' order by alias").fetchall()
    assert rows == [("champion", 1), ("previous", 2)]
