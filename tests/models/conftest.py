from pathlib import Path

import pytest

from models.registry import Registry
from settings import Settings, load


@pytest.fixture
def settings(empty_registry: bytes, tmp_path: Path) -> Settings:
    """An instance whose registry is SQLite below its home."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/registry.db").write_bytes(empty_registry)
    return load(home=tmp_path)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings)
