from pathlib import Path

import pytest

from models.registry import Registry
from settings import Settings, load


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """MLflow's tables, made once: that takes longer than all tests on them."""
    settings = load(home=tmp_path_factory.mktemp("tables"))
    Registry(settings).versions()
    return (settings.home / "models/registry.db").read_bytes()


@pytest.fixture
def settings(empty_database: bytes, tmp_path: Path) -> Settings:
    """An instance whose registry is SQLite below its home."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/registry.db").write_bytes(empty_database)
    return load(home=tmp_path)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings)
