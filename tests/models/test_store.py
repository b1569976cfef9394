"""Registry and serving against the real MLflow server and the real object store of the native stack."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from models.artifact import Artifact, ArtifactError
from models.bucket import Bucket
from models.choice import Need
from models.promotion import promote, rollback
from models.refresh import REGISTRY, Refresh
from models.registry import Registry
from models.runs import register
from models.serving import Answer, Serving
from models.shelf import Shelf
from models.tracking import RegistryError
from models.version import Version
from settings import Settings, load
from stack import mlflow, plan, s3
from stack.address import Address
from stack.instance import Instance
from stack.native import Stack
from stack.service import Service
from telemetry.health import Health
from tests.models import sample
from tests.models.rig import until

pytestmark = pytest.mark.integration
LARGE = 2_000_000  # random numbers, 16 MB: larger than any model of the catalogue


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, empty_registry: bytes, object_store_client: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Object store and MLflow, started as the profile full starts them; but the tables, which take long to make, are a file."""
    home = tmp_path_factory.mktemp("full")
    (home / "tables.db").write_bytes(empty_registry)

    def server(instance: Instance) -> Service:
        made = mlflow.service(instance, Address("postgresql://nobody@127.0.0.1:9/none"))
        return replace(made, environment={**made.environment, "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{home}/tables.db"}, needs=("s3",))

    makers: list[plan.Make] = [s3.service, server]
    stack = Stack(home, "full")
    object_store_client.setattr(plan, "_makers", lambda *_: makers)
    object_store_client.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    try:
        stack.up(servers_only=True)
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="module")
def proxied(stack: Stack) -> Registry:
    """A client without keys: files go through MLflow's server."""
    return Registry(load(home=stack.instance.home))


@pytest.fixture(scope="module")
def settings(stack: Stack) -> Settings:
    """A client that keeps files in the object store itself."""
    keys = s3.keys(stack.instance)
    return load(
        home=stack.instance.home,
        namespace="direct.",
        artifacts_url=f"s3://{s3.BUCKET}/direct",
        s3_endpoint_url=s3.url(stack.instance),
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_region="us-east-1",
    )


@pytest.fixture(scope="module")
def direct(settings: Settings) -> Registry:
    return Registry(settings)


def objects(direct: Registry, known: Version) -> tuple[Any, str]:
    return direct.bucket._client, known.source.removeprefix(f"s3://{s3.BUCKET}/") + "/"


def test_files_go_through_the_server(proxied: Registry) -> None:
    assert proxied.address.startswith("http://127.0.0.1:")
    known = register(proxied, sample.trained(), seed=0)
    assert known.source.startswith("mlflow-artifacts:")
    assert proxied.load(known).files() == sample.artifact().files()
    assert proxied.versions() == [known]


def test_files_go_to_the_store_itself(direct: Registry, settings: Settings) -> None:
    known = register(direct, sample.trained(), seed=0)
    assert known.source.startswith(f"s3://{s3.BUCKET}/direct/")
    assert direct.bucket.listing(known.source) == {name: len(content) for name, content in sample.artifact().files().items()}
    assert direct.load(known).files() == sample.artifact().files()
    assert direct.bucket.probe(settings.artifacts_url) == ""


def test_a_stranger_is_told(settings: Settings) -> None:
    stranger = Bucket(settings.model_copy(update={"aws_access_key_id": "nobody"}))
    assert "InvalidAccessKeyId" in stranger.probe(settings.artifacts_url)
    with pytest.raises(RegistryError, match="no files there"):
        Bucket(settings).download(f"s3://{s3.BUCKET}/nothing", Path("unused"))


def test_a_truncated_or_pickled_object_is_refused(direct: Registry) -> None:
    known = register(direct, sample.trained("cut"), seed=0)
    client, prefix = objects(direct, known)
    whole = sample.artifact().files()["model.onnx"]
    client.put_object(Bucket=s3.BUCKET, Key=f"{prefix}model.onnx", Body=whole[:-100])
    with pytest.raises(ArtifactError, match="altered or cut short"):
        direct.load(known)
    client.put_object(Bucket=s3.BUCKET, Key=f"{prefix}model.onnx", Body=whole)
    client.put_object(Bucket=s3.BUCKET, Key=f"{prefix}python_model.pkl", Body=b"\x80\x04.")
    with pytest.raises(ArtifactError, match="pickles never are"):
        direct.load(known)
    client.delete_object(Bucket=s3.BUCKET, Key=f"{prefix}python_model.pkl")
    assert direct.load(known).digest() == known.digest


def test_a_large_model_is_loaded_cold_within_a_second(direct: Registry, settings: Settings) -> None:
    given = sample.trained("large")
    noise = np.random.default_rng(0).normal(size=LARGE)
    large = replace(
        given, artifact=Artifact("graph", given.artifact.inputs, given.artifact.outputs, {"noise": noise}, given.artifact.graphs)
    )
    register(direct, large, seed=0)
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        fresh = Registry(settings)
        fresh.load(fresh.version("large", "champion"))
        spent.append(time.perf_counter() - began)
    assert min(spent) < 1.0, spent


@dataclass
class Live:
    """A control process in small: serving with its refreshing thread on the real registry."""

    serving: Serving
    refresh: Refresh
    health: Health

    def ask(self) -> Answer:
        return self.serving.predict(Need("classification", sample.INPUTS, frozenset({"flow"})), np.ones((2, 2)))

    def version(self) -> int:
        return self.ask().version

    def wrong(self, name: str) -> str:
        known = self.health.snapshot().get(name, {"ok": True})
        return "" if known["ok"] else str(known["reason"])


@pytest.fixture
def begin(settings: Settings, tmp_path: Path) -> Iterator[Callable[[], Live]]:
    begun: list[Live] = []

    def make() -> Live:
        health = Health()
        serving = Serving(budget_ms=1000, retry_s=0.2, health=health)
        mine = settings.model_copy(update={"namespace": "live."})
        refresh = Refresh(serving, lambda: Registry(mine), Shelf(tmp_path / "served"), every_s=0.2, health=health)
        refresh.start()
        begun.append(Live(serving, refresh, health))
        return begun[-1]

    yield make
    for live in begun:
        live.refresh.stop()
        live.serving.close()


@pytest.mark.faults
def test_servers_come_and_go_while_records_flow(stack: Stack, settings: Settings, begin: Callable[[], Live]) -> None:
    registry = Registry(settings.model_copy(update={"namespace": "live."}))
    live = begin()
    assert "no registered model fits" in live.ask().reason
    for seed, value in enumerate((0.8, 0.85, 0.9)):
        register(registry, sample.trained("wear", value=value, seed=seed), seed=seed)
    until(lambda: live.version() == 1)
    promote(registry, "wear")
    until(lambda: live.version() == 3)
    rollback(registry, "wear", reason="false alarms")
    until(lambda: live.version() == 1)

    stack.supervisor.stop("s3")
    promote(registry, "wear", 2)
    until(lambda: "cannot be fetched" in live.ask().reason)
    assert live.version() == 1
    assert "version 2 its files cannot be fetched" in live.wrong("model wear")
    stack.supervisor.start("s3")
    until(lambda: live.version() == 2)
    assert live.wrong("model wear") == ""

    server = psutil.Process(stack.supervisor.states()["mlflow"]["pid"])
    hung = [server, *server.children(recursive=True)]
    for process in hung:
        process.suspend()  # worse than a server that is gone: it takes connections and never answers
    until(lambda: "the models at hand go on" in live.wrong(REGISTRY))
    assert live.version() == 2
    assert begin().version() == 2  # another process, which never reached MLflow
    for process in hung:
        process.resume()
    until(lambda: live.wrong(REGISTRY) == "")
