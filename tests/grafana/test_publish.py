from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import pytest

from grafana.files import BOARDS
from grafana.publish import PublishError, publish

TOKEN = "glsa_test"  # noqa: S105  of a Grafana that does not exist
DATABASE = "postgresql://reader:p%40ss@db.example:5433/maint?sslmode=require"


class Grafana:
    """The few paths of Grafana's API that are used, with what was put there."""

    def __init__(self) -> None:
        self.folders: dict[str, Any] = {}
        self.sources: dict[str, Any] = {}
        self.boards: dict[str, Any] = {}
        grafana = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                grafana.answer(self, grafana.get(self.path))

            def do_POST(self) -> None:
                body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
                grafana.answer(self, grafana.post(self.path, body))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/grafana"

    def get(self, path: str) -> tuple[int, Any]:
        for prefix, kept in (("/grafana/api/folders/", self.folders), ("/grafana/api/datasources/uid/", self.sources)):
            if path.startswith(prefix):
                found = kept.get(path.removeprefix(prefix))
                return (200, found) if found else (404, {"message": "not found"})
        return 404, {"message": f"no such path: {path}"}

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        match path:
            case "/grafana/api/folders":
                self.folders[body["uid"]] = body
            case "/grafana/api/datasources":
                self.sources[body["uid"]] = body
            case "/grafana/api/dashboards/db":
                version = self.boards.get(body["dashboard"]["uid"], {"version": 0})["version"] + 1
                self.boards[body["dashboard"]["uid"]] = body | {"version": version}
                return 200, {"version": version}
            case _:
                return 404, {"message": f"no such path: {path}"}
        return 200, body

    def answer(self, request: BaseHTTPRequestHandler, result: tuple[int, Any]) -> None:
        allowed = request.headers["Authorization"] == f"Bearer {TOKEN}"
        status, content = result if allowed else (401, {"message": "Invalid API key"})
        body = orjson.dumps(content)
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    running = Grafana()
    thread = Thread(target=running.http.serve_forever, args=(0.05,))
    thread.start()
    yield running
    running.http.shutdown()
    thread.join()
    running.http.server_close()


def test_folder_source_and_dashboards_arrive(grafana: Grafana) -> None:
    published = publish(grafana.url, TOKEN, database_url=DATABASE)
    assert [entry.uid for entry in published] == [board.uid for board in BOARDS] == list(grafana.boards)
    assert published[0].url == f"{grafana.url}/d/maintenance-plant"
    assert grafana.folders["smart-maintenance"]["title"] == "Smart Maintenance"
    assert grafana.sources["maintenance"]["url"] == "db.example:5433"
    for board in BOARDS:
        sent = grafana.boards[board.uid]
        assert (sent["overwrite"], sent["folderUid"]) == (True, "smart-maintenance")
        assert sent["dashboard"]["panels"] == board.model()["panels"]


def test_a_second_time_replaces_dashboards_and_leaves_the_source_alone(grafana: Grafana) -> None:
    publish(grafana.url, TOKEN, database_url=DATABASE)
    grafana.sources["maintenance"]["url"] = "changed by hand"
    assert [entry.version for entry in publish(f"{grafana.url}/", TOKEN, database_url=DATABASE)] == [2, 2, 2]
    assert grafana.sources["maintenance"]["url"] == "changed by hand"


def test_a_missing_source_is_told_with_the_remedy(grafana: Grafana) -> None:
    with pytest.raises(PublishError, match="--database-url"):
        publish(grafana.url, TOKEN)
    assert not grafana.boards


def test_a_wrong_token_is_told(grafana: Grafana) -> None:
    with pytest.raises(PublishError, match="token is wrong or expired"):
        publish(grafana.url, "other")


def test_no_grafana_and_no_address_are_told(grafana: Grafana) -> None:
    grafana.http.server_close()
    with pytest.raises(PublishError, match="no Grafana answers"):
        publish(grafana.url, TOKEN)
    with pytest.raises(PublishError, match="must start with http"):
        publish("localhost:3000", TOKEN)
