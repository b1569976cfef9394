import json
import logging
from collections.abc import Iterator
from threading import Thread

import pytest
import structlog

from telemetry import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def test_lines_are_json_with_service_and_correlation_id(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(service="sink", form="json")
    log = structlog.get_logger()
    with logs.correlated("c-1", asset_id="P1"):
        log.warning("episode_open", offset=7)
    log.warning("later")
    inside, outside = lines(capsys)
    assert inside == inside | {"event": "episode_open", "service": "sink", "correlation_id": "c-1", "asset_id": "P1", "offset": 7}
    assert "correlation_id" not in outside


def test_standard_logging_carries_the_same_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(service="worker", form="json")
    with logs.correlated("c-2"):
        logging.getLogger("faust").warning("rebalance %d", 3)
    (line,) = lines(capsys)
    assert line == line | {"event": "rebalance 3", "service": "worker", "correlation_id": "c-2", "level": "warning"}


def test_other_threads_name_the_service_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(service="sink", form="json")
    thread = Thread(target=lambda: structlog.get_logger().warning("tick"))
    thread.start()
    thread.join()
    (line,) = lines(capsys)
    assert line["service"] == "sink"


def test_less_than_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(service="worker", level="WARNING", form="json")
    structlog.get_logger().info("batch")
    logging.getLogger("faust").info("batch")
    assert not logs.debugging()
    assert lines(capsys) == []


def test_debug_lines_are_asked_for_by_the_level() -> None:
    logs.configure(service="worker", level="DEBUG", form="json")
    assert logs.debugging()


def test_exceptions_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(service="worker", form="json")
    try:
        int("broken")
    except ValueError:
        structlog.get_logger().exception("fault")
    (line,) = lines(capsys)
    assert "ValueError: invalid literal" in str(line["exception"])
