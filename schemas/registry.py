"""Client of a schema registry with Confluent's interface. Foreign schemas are looked up there; ours are registered for others.

Subjects: our topics carry several kinds of records, so each gets `<topic>-<full record name>` (Confluent's
TopicRecordNameStrategy). The first record of a topic, which is what gateways send, also gets `<topic>-value`,
where serializers with default settings look. Nothing at run time needs the registry: answers are values, never exceptions.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from schemas.manifest import NAMESPACE, Entry, Schema, released

COMPATIBILITY: Final = "BACKWARD_TRANSITIVE"
MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"
REFUSALS: Final = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


@dataclass(frozen=True, slots=True)
class Found:
    """The registry, or the cache, has the schema."""

    schema: Schema


@dataclass(frozen=True, slots=True)
class Missing:
    """The registry has no usable schema of this id."""

    detail: str


@dataclass(frozen=True, slots=True)
class Away:
    """The registry did not answer, or not sensibly: ask again later."""

    detail: str


@dataclass(frozen=True, slots=True)
class Registered:
    """The registry has all versions of a record under the subject; ids in the order of the versions."""

    subject: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The registry will not take a version: it holds an incompatible one."""

    subject: str
    detail: str


class Registry:
    """One registry, and the schemas already seen of it on disk.

    Args:
        url: base address, for Apicurio ending in /apis/ccompat/v7; may hold user and password.
        cache: folder for schemas by id; created when first needed. None: no cache.
        timeout_s: longest wait for an answer.
    """

    def __init__(self, url: str, cache: Path | None = None, *, timeout_s: float = 5.0) -> None:
        self.url = url.rstrip("/")
        self._folder = cache / hashlib.sha256(self.url.encode()).hexdigest()[:16] if cache else None  # ids belong to a registry
        headers = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
        self._http = httpx.Client(timeout=timeout_s, headers=headers, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def cached(self) -> dict[int, Schema]:
        """All schemas on disk, by id. A file that cannot be read is left out and fetched anew."""
        found: dict[int, Schema] = {}
        for path in self._folder.glob("*.json") if self._folder else ():
            try:
                found[int(path.stem)] = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
        return found

    def schema(self, schema_id: int) -> Found | Missing | Away:
        """The schema of an id, asked from the registry and kept on disk."""
        answer = self._ask("GET", f"/schemas/ids/{schema_id}")
        if isinstance(answer, Away):
            return answer
        status, content = answer
        if status == HTTPStatus.NOT_FOUND:
            return Missing(f"{self.url} has no schema of id {schema_id}")
        if status != HTTPStatus.OK:
            return Away(f"{self.url} answers {status} for schema id {schema_id}")
        if content.get("schemaType", "AVRO") != "AVRO":
            return Missing(f"schema id {schema_id} is {content['schemaType']}; only Avro is read")
        try:
            schema = json.loads(content["schema"])
        except (KeyError, TypeError, ValueError):
            return Missing(f"schema id {schema_id} holds no JSON")
        self._keep(schema_id, schema)
        return Found(schema)

    def publish(self, topics: Mapping[str, Sequence[str]]) -> list[Registered | Refused | Away]:
        """Registers the records of each topic under its subjects, the first one also for default serializers. Idempotent.

        Args:
            topics: topic name -> names of its records, the one others send first.
        """
        named = [(f"{topic}-{NAMESPACE}.{name}", name) for topic, names in topics.items() for name in names]
        default = [(f"{topic}-value", names[0]) for topic, names in topics.items()]
        return [self.register(subject, name) for subject, name in (*default, *named)]

    def register(self, subject: str, name: str) -> Registered | Refused | Away:
        """Every released version of a record under a subject that accepts only what can read all older ones."""
        ids: list[int] = []
        for entry in released(name):
            outcome = self._add(subject, entry)
            if not isinstance(outcome, int):
                return outcome
            ids.append(outcome)
        answer = self._ask("PUT", f"/config/{quote(subject, safe='')}", {"compatibility": COMPATIBILITY})
        if isinstance(answer, Away):
            return answer
        if answer[0] != HTTPStatus.OK:
            return Away(f"{self.url} answers {answer[0]} to {COMPATIBILITY} for {subject}: {_message(answer[1])}")
        return Registered(subject, tuple(ids))

    def _add(self, subject: str, entry: Entry) -> int | Refused | Away:
        body = {"schema": json.dumps(entry.schema), "schemaType": "AVRO"}
        answer = self._ask("POST", f"/subjects/{quote(subject, safe='')}/versions", body)
        if isinstance(answer, Away):
            return answer
        status, content = answer
        if status in REFUSALS:
            return Refused(subject, f"{entry.file}: {_message(content)}; remove what stands under {subject} or use another namespace")
        if status != HTTPStatus.OK or not isinstance(content.get("id"), int):
            return Away(f"{self.url} answers {status} to {entry.file} for {subject}: {_message(content)}")
        return int(content["id"])

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]] | Away:
        try:
            response = self._http.request(method, self.url + path, json=body)
            content = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            return Away(f"{self.url}: {type(error).__name__} {error}".rstrip())
        return response.status_code, content if isinstance(content, dict) else {}

    def _keep(self, schema_id: int, schema: Schema) -> None:
        """Writes the schema to the cache. A full disk costs a question after the next start, nothing else."""
        if self._folder is None:
            return
        path = self._folder / f"{schema_id}.json"
        new = path.with_suffix(f".{os.getpid()}.new")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(schema), encoding="utf-8")
            new.replace(path)


def _message(content: Mapping[str, Any]) -> str:
    return str(content.get("message", "no reason given"))
