"""Which MLflow is used, and how its client is set up: our keys, no long waits."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

QUICK: Final = {  # a server that is away is told at once; the caller asks again
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
TABLES_S: Final = 300.0  # another process may make tables; a slow machine needs a minute
POLL_S: Final = 0.05
AWAY: Final = {"ConnectionError", "ConnectTimeout", "ReadTimeout", "OperationalError", "EndpointConnectionError", "ConnectTimeoutError"}
REMEDY: Final = {  # family of an error that says that something is away -> what to do
    "requests": "MLflow does not answer; `maint status` says what runs, `maint up` starts it, MLFLOW_TRACKING_URI names another",
    "sqlalchemy": "the database of MLflow does not answer; mend it, or let MLFLOW_TRACKING_URI name another (empty: a file below the home)",
    "botocore": "the object store does not answer; mend it, or AWS_ENDPOINT_URL_S3 and MAINT_ARTIFACTS_URL (empty: MLflow's own store)",
}


class RegistryError(RuntimeError):
    """The registry cannot do what was asked: it is away, its packages are missing, or it has no such model."""


class AbsentError(RegistryError):
    """There is no registry on this machine, and nothing is wrong with that: the profile core has none, or nothing was trained yet."""


def folder(settings: Settings) -> Path:
    """Where this instance keeps models."""
    return settings.home / "models"


def database(settings: Settings) -> Path:
    """The file that stands in for a server."""
    return folder(settings) / "registry.db"


def uri(settings: Settings) -> str:
    """Address of runs and versions."""
    return settings.mlflow_tracking_uri or f"sqlite:///{database(settings)}"


def location(settings: Settings) -> str:
    """Where new runs put their files; "": where the server says."""
    if settings.artifacts_url:
        return settings.artifacts_url.rstrip("/")
    return "" if settings.mlflow_tracking_uri else (folder(settings) / "artifacts").as_uri()


def client(settings: Settings) -> "MlflowClient":
    """A client of this instance's MLflow.

    Raises:
        AbsentError: the package is not installed.

    """
    if find_spec("mlflow") is None:
        raise AbsentError("models need the package mlflow: run `make full`")
    os.environ.update(_keys(settings))
    for name, value in QUICK.items():
        os.environ.setdefault(name, value)
    folder(settings).mkdir(parents=True, exist_ok=True, mode=0o700)
    from mlflow import MlflowClient  # noqa: PLC0415  seconds of import, in the profile full only

    logging.getLogger("mlflow").setLevel(logging.WARNING)  # it tells every table it makes

    with asked(uri(settings)), _turn(settings):
        return MlflowClient(tracking_uri=uri(settings), registry_uri=uri(settings))


@contextmanager
def _turn(settings: Settings) -> Iterator[None]:
    """One process at a time: a client of our file makes the tables that are not there, and two of them would spoil each other's.

    Raises:
        RegistryError: another process held the lock for TABLES_S.

    """
    if settings.mlflow_tracking_uri:
        yield  # a server makes its tables itself
        return
    until = time.monotonic() + TABLES_S
    with database(settings).with_suffix(".lock").open("a") as file:
        while not _locked(file.fileno()):
            if time.monotonic() > until:
                raise RegistryError(
                    f"{database(settings)}: another process has been making its tables for {TABLES_S:g} s; end it, try again"
                )
            time.sleep(POLL_S)
        yield


def _locked(number: int) -> bool:
    """Whether the lock of an open file is ours now; the system lets it go when the file is closed or the process ends."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keys(settings: Settings) -> dict[str, str]:
    """What the object store's client reads from the environment."""
    known = {
        "AWS_ACCESS_KEY_ID": settings.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": settings.aws_secret_access_key.get_secret_value(),
        "AWS_DEFAULT_REGION": settings.aws_region,
        "AWS_ENDPOINT_URL_S3": settings.s3_endpoint_url,
    }
    return {name: value for name, value in known.items() if value}


@contextmanager
def asked(address: str) -> Iterator[None]:
    """Every error of MLflow, its database or its store becomes one RegistryError: address, first line, and the remedy where one is away."""
    try:
        yield
    except RegistryError:
        raise
    except Exception as error:  # MLflow, requests, SQLAlchemy and boto3 raise families of their own
        raise RegistryError(f"{_public(address)}: {away(error) or first_line(error)}") from error


def away(error: BaseException) -> str:
    """What is away and what to do, with the innermost cause; empty for any other error.

    MLflow says so by an error of its own, made while it handles that of the library beneath.
    """
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    families = {type(each).__module__.partition(".")[0] for each in chain if type(each).__name__ in AWAY}
    remedy = next((text for family, text in REMEDY.items() if family in families), "")
    return f"{remedy} ({first_line(chain[-1])})" if remedy else ""


def first_line(error: BaseException) -> str:
    """Kind and first line of an error.

    >>> first_line(ValueError("a", "b"))
    "ValueError: ('a', 'b')"
    """
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]


def _public(address: str) -> str:
    """An address without its password.

    >>> _public("postgresql://me:secret@host/db")
    'postgresql://host/db'
    """
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def pages(ask: Any, **given: Any) -> Iterator[Any]:  # noqa: ANN401  MLflow's lists are untyped
    """All entries of a paged answer."""
    token: str | None = None
    while token != "":
        found = ask(**given, page_token=token)
        yield from found
        token = found.token or ""
