"""Files of models in an object store with S3's interface, by boto3."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from models.artifact import BYTES_MAX, ArtifactError
from models.tracking import RegistryError, asked, first_line
from settings import Settings

SCHEME: Final = "s3://"


class Bucket:
    """The object store of the settings.

    Args:
        settings: endpoint, keys and region; what is empty is found as the AWS tools do.

    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  boto3 makes its classes as it runs
        import boto3  # noqa: PLC0415  in the profile full only
        from botocore.config import Config  # noqa: PLC0415

        known = self._settings
        return boto3.client(
            "s3",
            endpoint_url=known.s3_endpoint_url or None,
            aws_access_key_id=known.aws_access_key_id or None,
            aws_secret_access_key=known.aws_secret_access_key.get_secret_value() or None,
            region_name=known.aws_region or None,
            config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2}, signature_version="s3v4"),
        )

    def probe(self, url: str) -> str:
        """Empty when the bucket of s3://bucket/folder answers and we may list it, else the reason why not."""
        bucket, prefix = _place(url)
        try:
            self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        except Exception as error:  # noqa: BLE001  botocore raises families of its own
            return first_line(error)
        return ""

    def listing(self, url: str) -> dict[str, int]:
        """Name and bytes of each file directly in a folder.

        Raises:
            RegistryError: the store does not answer or refuses.

        """
        bucket, prefix = _place(url)
        with asked(url):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
            return {entry["Key"].removeprefix(prefix): entry["Size"] for page in pages for entry in page.get("Contents", ())}

    def download(self, url: str, folder: Path) -> Path:
        """All files directly in a folder of the store into one of ours.

        Raises:
            RegistryError: the store does not answer, refuses, or has no such folder.
            ArtifactError: more bytes than any model of ours has.

        """
        found = self.listing(url)
        if not found:
            raise RegistryError(f"{url}: no files there")
        if sum(found.values()) > BYTES_MAX:
            raise ArtifactError(f"{url}: over {BYTES_MAX} bytes")
        bucket, prefix = _place(url)
        folder.mkdir(parents=True, exist_ok=True)
        with asked(url):
            for name in found:
                content = self._client.get_object(Bucket=bucket, Key=prefix + name)["Body"].read()
                (folder / name).write_bytes(content)
        return folder


def _place(url: str) -> tuple[str, str]:
    """Bucket and prefix of an address.

    >>> _place("s3://mlflow/a/model")
    ('mlflow', 'a/model/')
    """
    parts = urlsplit(url)
    return parts.netloc, f"{parts.path.strip('/')}/"
