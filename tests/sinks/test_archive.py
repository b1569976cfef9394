import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from settings import Settings, load
from sinks.archive import Bucket, Folder, archive, keeper
from sinks.errors import Unreachable
from stack import plan, s3
from stack.native import Stack

NAME = "2026/03/01/P%2F1/5f0d.npz"


def test_an_object_is_a_file_with_an_address(tmp_path: Path) -> None:
    store = archive(Settings(home=tmp_path))
    address = store.put(NAME, b"abc")
    assert (tmp_path / "archive" / NAME).read_bytes() == b"abc"
    assert address.startswith("file:///")
    assert keeper(Settings(home=tmp_path), address).get(address) == b"abc"
    assert store.put(NAME, b"abc") == address
    assert [path.name for path in (tmp_path / "archive").rglob("*") if path.is_file()] == ["5f0d.npz"]


def test_a_folder_that_cannot_be_written_is_away_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Folder(tmp_path / "archive")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(Unreachable, match="No space left"):
            store.put(NAME, b"abc")
    assert not [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unreachable, match="Not a directory"):
        Folder(tmp_path / "file").put(NAME, b"abc")
    with pytest.raises(Unreachable, match="No such file"):
        store.get("file:///nowhere")


class Store(BaseHTTPRequestHandler):
    """As much of an object store as two calls need."""

    objects: dict[str, bytes]
    full: bool

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.full:
            self.objects[self.path] = body
        self._answer(507 if self.full else 200, b"")

    def do_GET(self) -> None:
        self._answer(200 if self.path in self.objects else 404, self.objects.get(self.path, b""))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Say nothing."""


@pytest.fixture
def store() -> Iterator[tuple[type[Store], str]]:
    handler = type("Own", (Store,), {"objects": {}, "full": False})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield handler, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def settings(home: Path, endpoint: str) -> Settings:
    keys: dict[str, Any] = {"aws_access_key_id": "a", "aws_secret_access_key": SecretStr("b"), "aws_region": "r"}
    return Settings(home=home, archive_url="s3://plant/waves/", s3_endpoint_url=endpoint, **keys)


def test_an_object_store_acknowledges_refuses_and_answers(tmp_path: Path, store: tuple[type[Store], str]) -> None:
    handler, endpoint = store
    found = archive(settings(tmp_path, endpoint))
    assert isinstance(found, Bucket)
    address = found.put(NAME, b"abc")
    assert address == f"s3://plant/waves/{NAME}"
    assert keeper(settings(tmp_path, endpoint), address).get(address) == b"abc"
    assert len(handler.objects) == 1
    handler.full = True
    with pytest.raises(Unreachable, match=r"s3://plant: .*507"):
        found.put(NAME, b"abc")
    with pytest.raises(Unreachable, match="404"):
        found.get("s3://plant/waves/other.npz")


def test_an_object_store_that_does_not_answer_is_away(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="s3://plant: "):
        archive(settings(tmp_path, "http://127.0.0.1:9")).put(NAME, b"abc")


@pytest.mark.integration
def test_the_object_store_of_the_stack_keeps_what_it_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makers: list[plan.Make] = [s3.service]
    monkeypatch.setattr(plan, "_makers", lambda *_: makers)
    stack = Stack(tmp_path, "full")
    try:
        stack.up(servers_only=True)
        keys = {name.lower(): value for name, value in s3.keys(stack.instance).items()}
        endpoint = s3.url(stack.instance)
        found = load(home=tmp_path, archive_url=f"s3://{s3.BUCKET}/waves", s3_endpoint_url=endpoint, aws_region="us-east-1", **keys)
        address = archive(found).put(NAME, b"abc")
        archive(found).put(NAME, b"abc")
        assert keeper(found, address).get(address) == b"abc"
        stranger = found.model_copy(update={"aws_access_key_id": "nobody"})
        with pytest.raises(Unreachable, match="InvalidAccessKeyId"):
            archive(stranger).put(NAME, b"abc")
    finally:
        stack.down()
    with pytest.raises(Unreachable):
        archive(found).put(NAME, b"abc")
