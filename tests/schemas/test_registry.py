"""The client against a fake of Confluent's interface; the real registry is in test_foreign.py."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from schemas.manifest import NEWEST, released
from schemas.registry import Away, Found, Missing, Refused, Registered, Registry

SCHEMA = {"type": "record", "name": "Reading", "fields": []}


class Fake(ThreadingHTTPServer):
    """Enough of a registry; `answers` overrides paths, `asked` lists them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, Any]] = {"/schemas/ids/7": (200, {"schema": json.dumps(SCHEMA)})}
        self.subjects: dict[str, list[str]] = {}
        self.levels: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        if path in self.answers:
            return self.answers[path]
        if path.startswith("/subjects/"):
            versions = self.subjects.setdefault(path.split("/")[2], [])
            versions += [] if body["schema"] in versions else [body["schema"]]
            return 200, {"id": 100 + versions.index(body["schema"])}
        if path.startswith("/config/"):
            self.levels[path.split("/")[2]] = body["compatibility"]
            return 200, body
        return 404, {"error_code": 40403, "message": "not found"}


class Handler(BaseHTTPRequestHandler):
    server: Fake

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        status, content = self.server.answer(self.command, unquote(self.path), body)
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_POST = do_PUT = do_GET  # noqa: N815  the base class looks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Nothing: tests are quiet."""


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_schema_is_asked_once_and_then_on_disk(fake: Fake, tmp_path: Path) -> None:
    with Registry(fake.url, tmp_path) as registry:
        assert registry.schema(7) == Found(SCHEMA)
    with Registry(fake.url, tmp_path) as later:
        assert later.cached() == {7: SCHEMA}
    with Registry(fake.url + "/other", tmp_path) as other:
        assert other.cached() == {}, "ids belong to one registry"


def test_a_broken_cache_file_is_left_out(fake: Fake, tmp_path: Path) -> None:
    with Registry(fake.url, tmp_path) as registry:
        registry.schema(7)
        next(tmp_path.glob("*/7.json")).write_text('{"type": ')
        assert registry.cached() == {}


def test_no_folder_for_the_cache_is_no_error(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Registry(fake.url, tmp_path / "file") as registry:
        assert registry.schema(7) == Found(SCHEMA)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((404, {"message": "no"}), Missing),
        ((200, {"schema": "syntax", "schemaType": "PROTOBUF"}), Missing),
        ((200, {"schema": "{"}), Missing),
        ((200, {}), Missing),
        ((200, b"<html>"), Away),
        ((401, {}), Away),
        ((503, {}), Away),
    ],
)
def test_other_answers_are_values(fake: Fake, answer: tuple[int, Any], kind: type) -> None:
    fake.answers["/schemas/ids/7"] = answer
    with Registry(fake.url) as registry:
        assert isinstance(registry.schema(7), kind)


def test_nobody_there_is_a_value(fake: Fake) -> None:
    port = fake.server_port
    fake.server_close()
    with Registry(f"http://127.0.0.1:{port}", timeout_s=0.5) as registry:
        assert isinstance(registry.schema(7), Away)
        assert isinstance(registry.register("a-value", "Reading"), Away)


def test_records_are_registered_per_topic_and_record(fake: Fake) -> None:
    with Registry(fake.url) as registry:
        outcomes = registry.publish({"plant.readings.raw.v1": ("Reading", "Mark")})
    subjects = ["plant.readings.raw.v1-value", "plant.readings.raw.v1-maintenance.v1.Reading", "plant.readings.raw.v1-maintenance.v1.Mark"]
    ids = [tuple(range(100, 100 + len(released(name)))) for name in ("Reading", "Reading", "Mark")]
    assert outcomes == list(map(Registered, subjects, ids))
    assert fake.levels == dict.fromkeys(subjects, "BACKWARD_TRANSITIVE")
    assert json.loads(fake.subjects[subjects[0]][0]) == NEWEST["Reading"].schema


def test_an_incompatible_subject_is_refused(fake: Fake) -> None:
    fake.answers["/subjects/a-value/versions"] = (409, {"message": "READER_FIELD_MISSING_DEFAULT_VALUE"})
    with Registry(fake.url) as registry:
        outcome = registry.register("a-value", "Reading")
    assert isinstance(outcome, Refused)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in outcome.detail
