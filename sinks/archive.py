"""The archive of waveforms: a folder, or an object store with S3's interface. What `put` has returned from is durable.

An object is written whole or not at all, and again by anyone who repeats: the same name always holds the same bytes.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from settings import Settings
from sinks.errors import Fault, Unreachable

SCHEME: Final = "s3://"
CONNECT_S: Final = 1  # the other topics wait meanwhile
READ_S: Final = 4


class Archive(Protocol):
    """Where objects lie."""

    def put(self, name: str, content: bytes) -> str:
        """Write an object; returns its address once it is durable.

        Raises:
            Unreachable: the archive is away, full or refuses; the object may be there or not.
            Fault: what it needs is not installed.
        """

    def get(self, address: str) -> bytes:
        """Read an object by its address; errors are those of `put`."""


def archive(settings: Settings) -> Archive:
    """The archive of the settings."""
    return Bucket(settings) if settings.archive_url else Folder(settings.home / "archive")


def keeper(settings: Settings, address: str) -> Archive:
    """Who can read an address, also one of the archive before this."""
    return Bucket(settings) if address.startswith(SCHEME) else Folder(Path("/"))


class Folder:
    """Objects as files.

    Args:
        folder: made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def put(self, name: str, content: bytes) -> str:
        """Write to a file beside it, bring that to the disk, then give it its name."""
        path = self._folder / name
        part = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            for folder in path.parents[: len(Path(name).parents) + 1]:
                _sync(folder)
        except OSError as error:
            raise Unreachable(f"archive {self._folder}: {error.strerror or error}") from error
        return path.as_uri()

    def get(self, address: str) -> bytes:
        """Read a file by its file:// address."""
        path = Path(unquote(urlsplit(address).path))
        try:
            return path.read_bytes()
        except OSError as error:
            raise Unreachable(f"{address}: {error.strerror or error}") from error


class Bucket:
    """Objects in an object store.

    Args:
        settings: address, endpoint, keys and region; what is empty is found as the AWS tools do.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def put(self, name: str, content: bytes) -> str:
        """Write; the store has acknowledged when it returns."""
        address = f"{self._settings.archive_url.rstrip('/')}/{name}"
        client = self._client
        with _asked(address):
            client.put_object(**_place(address), Body=content)
        return address

    def get(self, address: str) -> bytes:
        """Read an object by its s3:// address."""
        client = self._client
        with _asked(address):
            return bytes(client.get_object(**_place(address))["Body"].read())

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  as above
        try:
            import boto3  # noqa: PLC0415  in the profile full only
            from botocore.config import Config  # noqa: PLC0415
        except ImportError as error:
            raise Fault("an archive in S3 needs boto3: install smart-maintenance[full]") from error
        known = self._settings
        return boto3.client(
            "s3",
            endpoint_url=known.s3_endpoint_url or None,
            aws_access_key_id=known.aws_access_key_id or None,
            aws_secret_access_key=known.aws_secret_access_key.get_secret_value() or None,
            region_name=known.aws_region or None,
            config=Config(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": 1}, signature_version="s3v4"),
        )


@contextmanager
def _asked(address: str) -> Iterator[None]:
    """Botocore raises families of its own: whatever it says, the store did not do it."""
    try:
        yield
    except Exception as error:
        text = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Unreachable(f"archive {SCHEME}{_place(address)['Bucket']}: {text}") from error


def _place(address: str) -> dict[str, str]:
    """Bucket and key of an address.

    >>> _place("s3://plant/waveforms/a%20b.npz")
    {'Bucket': 'plant', 'Key': 'waveforms/a%20b.npz'}
    """
    bucket, _, key = address.removeprefix(SCHEME).partition("/")
    return {"Bucket": bucket, "Key": key}


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
