"""Puts the dashboards into a running Grafana through its HTTP API; what is there already is replaced."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from grafana.board import TAG
from grafana.files import BOARDS
from grafana.panels import SOURCE
from grafana.source import source

if TYPE_CHECKING:
    from grafana_api.grafana_face import GrafanaFace

FOLDER = {"uid": TAG, "title": "Smart Maintenance"}
TIMEOUT_S = 10.0


class PublishError(Exception):
    """Grafana did not take it, or did not answer; the text says what and what to do."""


@dataclass(frozen=True, slots=True)
class Published:
    """One dashboard that is now in Grafana."""

    uid: str
    title: str
    url: str
    version: int


def publish(url: str, token: str, *, database_url: str = "") -> list[Published]:
    """Make folder, data source (only if it is missing and `database_url` is given) and dashboards.

    Args:
        url: address of Grafana, with the path it is served under, e.g. https://host/grafana.
        token: of a service account with the role Editor (Admin, to make the data source).
        database_url: PostgreSQL as Grafana sees it, for the read-only role.

    Raises:
        PublishError: nothing answers at the address, the token may not do this, or the data source is missing.
    """
    from grafana_api.grafana_api import GrafanaException  # noqa: PLC0415  heavy, and only this command needs it
    from requests import RequestException  # noqa: PLC0415

    face = _face(url, token)
    try:
        _ensure_folder(face)
        _ensure_source(face, database_url)
        return list(_dashboards(face, url.rstrip("/")))
    except GrafanaException as error:
        raise PublishError(f"Grafana at {url} refused: {error.message}{_remedy(error.status_code)}") from None
    except RequestException as error:
        raise PublishError(f"no Grafana answers at {url}: check the address ({type(error).__name__})") from None


def _face(url: str, token: str) -> "GrafanaFace":
    from grafana_api.grafana_face import GrafanaFace  # noqa: PLC0415

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise PublishError(f"{url!r} is no address: it must start with http:// or https://")
    path = parts.path.strip("/")
    return GrafanaFace(token, host=parts.netloc, protocol=parts.scheme, url_path_prefix=f"{path}/" if path else "", timeout=TIMEOUT_S)


def _ensure_folder(face: "GrafanaFace") -> None:
    if not _exists(face, f"/folders/{FOLDER['uid']}"):
        face.folder.create_folder(FOLDER["title"], uid=FOLDER["uid"])


def _ensure_source(face: "GrafanaFace", database_url: str) -> None:
    if _exists(face, f"/datasources/uid/{SOURCE['uid']}"):
        return
    if not database_url:
        raise PublishError(f"Grafana has no data source with the uid {SOURCE['uid']!r}: add --database-url to make it, or provision it")
    face.datasource.create_datasource(source(database_url))


def _exists(face: "GrafanaFace", path: str) -> bool:
    from grafana_api.grafana_api import GrafanaClientError  # noqa: PLC0415

    try:
        face.api.GET(path)
    except GrafanaClientError as error:
        if error.status_code == 404:
            return False
        raise
    return True


def _dashboards(face: "GrafanaFace", url: str) -> Iterator[Published]:
    for board in BOARDS:
        model = {**board.model(), "version": None}
        answer = face.dashboard.update_dashboard({"dashboard": model, "folderUid": FOLDER["uid"], "overwrite": True})
        yield Published(board.uid, board.title, f"{url}/d/{board.uid}", int(answer["version"]))


def _remedy(status: int) -> str:
    remedies = {
        401: ": the token is wrong or expired",
        403: ": the token's role must be Editor, or Admin to make the data source",
    }
    return remedies.get(status, "")
