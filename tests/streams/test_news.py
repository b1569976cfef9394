"""A rollback is seen in the next records: the command, the real broker, the registry, and serving as the control process runs it."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.main import app
from models.choice import Need
from models.refresh import serve
from models.registry import Registry
from models.runs import register
from models.serving import Serving
from schemas.codec import Decoded, decode
from settings import Settings
from streams.news import News
from streams.topics import MODELS
from telemetry.health import Health
from tests.faults.checker import Log
from tests.models import sample
from tests.models.rig import until

pytestmark = pytest.mark.integration
NEED = Need("classification", sample.INPUTS, frozenset({"flow"}))
SEEN_S = 5.0  # far below the slow look; a second is usual on an idle machine


@pytest.fixture
def plant(instance_ready: Settings, empty_registry: bytes) -> Settings:
    (instance_ready.home / "models").mkdir()
    (instance_ready.home / "models/registry.db").write_bytes(empty_registry)
    return instance_ready


@pytest.fixture
def live(plant: Settings) -> Iterator[Serving]:
    """As streams.background starts it, but with an hour between the slow looks."""
    serving, refresh = serve(plant.model_copy(update={"model_refresh_s": 3600.0}), Health())
    news = News(plant, refresh.wake)
    news.start()
    yield serving
    news.stop()
    refresh.stop()
    serving.close()


def answered(serving: Serving) -> int:
    return serving.predict(NEED, np.ones((1, 2))).version


def call(plant: Settings, *words: str) -> None:
    result = CliRunner().invoke(app, ["models", *words], env={"MAINT_HOME": str(plant.home)})
    assert result.exit_code == 0, result.output


def events(plant: Settings) -> list[dict[str, object]]:
    log = Log(plant.kafka, plant.topic(MODELS))
    try:
        found = [decode(record.value) for partition in range(log.partitions) for record in log.records(partition)]
    finally:
        log.close()
    return [each.record for each in found if isinstance(each, Decoded)]


def test_a_promotion_and_a_rollback_are_seen_in_the_next_records(plant: Settings, live: Serving) -> None:
    registry = Registry(plant)
    register(registry, sample.trained("wear", value=0.8), seed=0)
    register(registry, sample.trained("wear", value=0.9, seed=1), seed=1)
    call(plant, "promote", "wear", "--who", "R. Ortiz")
    until(lambda: answered(live) == 2)
    call(plant, "rollback", "wear", "--reason", "false alarms")
    began = time.monotonic()
    until(lambda: answered(live) == 1)
    assert time.monotonic() - began < SEEN_S
    told = {each["action"]: each for each in events(plant)}
    assert told.keys() == {"promoted", "rolled_back"}
    assert (told["promoted"]["who"], told["promoted"]["version"], told["promoted"]["before"]) == ("R. Ortiz", 2, 1)
    assert (told["rolled_back"]["reason"], told["rolled_back"]["version"], told["rolled_back"]["before"]) == ("false alarms", 1, 2)
