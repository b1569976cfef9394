from collections.abc import Iterator
from pathlib import Path

import pytest

from models import predictor
from models.refresh import Refresh
from models.registry import Registry
from models.serving import Serving
from models.shelf import Shelf
from settings import Settings, load
from telemetry.health import Health
from tests.models.rig import Behaviour, Made, Rig


@pytest.fixture
def settings(empty_registry: bytes, tmp_path: Path) -> Settings:
    """An instance whose registry is SQLite below its home."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/registry.db").write_bytes(empty_registry)
    return load(home=tmp_path)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings)


@pytest.fixture(scope="module")
def object_store_client() -> Iterator[pytest.MonkeyPatch]:
    """Environment of this module's object store. Clients that boto3 and MLflow keep for the whole process hold the last module's keys."""
    import boto3
    from mlflow.store.artifact import s3_artifact_repo

    s3_artifact_repo._cached_get_s3_client.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION"):
            patch.setenv(name, "")  # what a client sets is forgotten at the end
        yield patch
    s3_artifact_repo._cached_get_s3_client.cache_clear()


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    models = Behaviour()
    monkeypatch.setitem(predictor.KINDS, "plain_test", "tests.models.nowhere")
    monkeypatch.setattr(predictor, "import_module", lambda _: models)
    health, registry = Health(), Made()
    serving = Serving(budget_ms=200, retry_s=60, clock=lambda: made_rig.now, health=health)
    refresh = Refresh(serving, lambda: registry, Shelf(tmp_path), every_s=60, health=health)
    made_rig = Rig(serving, refresh, registry, health, models, tmp_path)
    yield made_rig
    serving.close()
