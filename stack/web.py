"""Probes over HTTP."""

import json
from collections.abc import Collection
from contextlib import suppress
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen


def fetch(url: str, *, timeout_s: float = 2) -> tuple[int, bytes]:
    """Status and body of an answer; status 0 and the reason when there is none."""
    try:
        with urlopen(url, timeout=timeout_s) as answer:  # noqa: S310  addresses of our own servers or of settings
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()
    except (OSError, HTTPException) as error:
        return 0, str(error).encode()


def problem(url: str, *, welcome: Collection[int] = (200,)) -> str:
    """Empty when the server answers with a welcome status, else the reason why not; a JSON answer's `reason` is used."""
    status, body = fetch(url)
    if status in welcome:
        return ""
    if status == 0:
        return f"no answer ({body.decode()})"
    return str(document(body).get("reason") or f"answers with status {status}")


def document(body: bytes) -> dict[str, Any]:
    """A JSON object; empty when it is none."""
    with suppress(ValueError):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    return {}
