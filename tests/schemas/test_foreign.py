"""A real registry, with confluent-kafka's own serializers as the foreign side."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from schemas.blobs import Blobs
from schemas.codec import SCHEMA_PENDING, UNKNOWN_SCHEMA, Decoded, Undecodable, decode, encode, frame
from schemas.columns import OK, ColumnDecoder
from schemas.manifest import NEWEST
from schemas.registry import Away, Found, Missing, Refused, Registered, Registry
from schemas.resolver import Resolver
from stack import registry as apicurio
from stack.address import Address
from stack.instance import Instance
from tests.conftest import Servers

pytestmark = pytest.mark.integration
TOPIC = "plant.readings.raw.v1"
CONTEXT = SerializationContext(TOPIC, MessageField.VALUE)
START_S = 180
FIELDS = {"ts": "long", "value": "float", "unit": "string", "sensor_id": "string"}
THEIRS = {
    "type": "record",
    "name": "Reading",
    "namespace": "gateway",
    "fields": [{"name": name, "type": kind} for name, kind in FIELDS.items()],
}


@dataclass
class Server:
    """A registry the test can stop and start; its data stays."""

    command: list[str]
    environment: dict[str, str]
    url: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while problem := apicurio.probe(self.url):
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, problem
            time.sleep(0.2)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


@pytest.fixture(scope="module")
def server(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("registry")
    instance = Instance(folder)
    servers.execute(f'CREATE DATABASE "{apicurio.DATABASE}"')
    service = apicurio.service(instance, Address(servers.database_url))
    server = Server([str(part) for part in service.command], {**os.environ, **service.environment}, apicurio.url(instance), folder / "log")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        servers.execute(f'DROP DATABASE "{apicurio.DATABASE}" WITH (FORCE)')


@pytest.fixture
def client(server: Server) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": server.url, "timeout": 10}) as client:  # it has none of its own, and repeats what timed out
        yield client


@pytest.fixture
def registry(server: Server, tmp_path: Path) -> Iterator[Registry]:
    with Registry(server.url, tmp_path) as registry:
        yield registry


def answered(resolver: Resolver, schema_id: int) -> dict[str, Any] | None:
    """The resolver's answer once the registry has given one."""
    deadline = time.monotonic() + 30
    while (answer := resolver.resolve(schema_id)) == {}:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return answer


def test_our_records_are_there_for_others(registry: Registry, client: SchemaRegistryClient) -> None:
    first = registry.publish({TOPIC: ("Reading", "Mark")})
    assert [type(outcome) for outcome in first] == [Registered] * 3
    assert registry.publish({TOPIC: ("Reading", "Mark")}) == first, "again: the same ids"
    assert client.get_compatibility(f"{TOPIC}-value") == "BACKWARD_TRANSITIVE"
    assert isinstance(first[0], Registered)
    assert registry.schema(first[0].ids[0]) == Found(NEWEST["Reading"].schema)
    breaking = {**NEWEST["Reading"].schema, "fields": [*NEWEST["Reading"].schema["fields"], {"name": "must", "type": "string"}]}
    with pytest.raises(SchemaRegistryError) as refusal:
        client.register_schema(f"{TOPIC}-value", Schema(json.dumps(breaking), "AVRO"))
    assert refusal.value.http_status_code == 409


def test_a_default_serializer_is_understood(registry: Registry, client: SchemaRegistryClient) -> None:
    registry.publish({TOPIC: ("Reading", "Mark")})
    serialize = AvroSerializer(client, conf={"auto.register.schemas": False, "use.latest.version": True})
    value = serialize({"sensor_id": "P1.vib", "ts": 5, "value": 1.5, "status": 0, "seq": None}, CONTEXT)
    assert value is not None
    found = decode(value, lambda schema_id: outcome.schema if isinstance(outcome := registry.schema(schema_id), Found) else None)
    assert isinstance(found, Decoded)
    assert found.record["value"] == 1.5


def test_a_foreign_deserializer_understands_us(registry: Registry, client: SchemaRegistryClient) -> None:
    (outcome, *_) = registry.publish({TOPIC: ("Reading",)})
    assert isinstance(outcome, Registered)
    value = frame(outcome.ids[-1]) + encode("Reading", {"sensor_id": "P1.vib", "ts": 5, "value": 1.5})[5:]
    record = AvroDeserializer(client)(value, CONTEXT)
    assert isinstance(record, dict)
    assert record["sensor_id"] == "P1.vib"


def test_an_outage_only_delays_unknown_ids(server: Server, client: SchemaRegistryClient, tmp_path: Path) -> None:
    serialize = AvroSerializer(client, schema_str=json.dumps(THEIRS))
    context = SerializationContext("theirs", MessageField.VALUE)
    value = serialize({"sensor_id": "P1.vib", "ts": 5, "value": 1.5, "unit": "mm/s"}, context)
    assert value is not None
    schema_id = int.from_bytes(value[1:5], "big")
    server.stop()
    resolver = Resolver(Registry(server.url, tmp_path, timeout_s=1), retry_s=0.1)
    try:
        found = decode(value, resolver.resolve)
        assert isinstance(found, Undecodable)
        assert found.reason == SCHEMA_PENDING
        server.start()
        assert answered(resolver, schema_id)
        columns = ColumnDecoder("Reading", resolver.resolve).decode(Blobs.of([value]))
        assert columns.error.tolist() == [OK]
        assert columns.numbers["value"].tolist() == [1.5]
        assert answered(resolver, 999_999) is None
        unknown = decode(frame(999_999), resolver.resolve)
        assert isinstance(unknown, Undecodable)
        assert unknown.reason == UNKNOWN_SCHEMA
    finally:
        resolver.close()
    with Registry("http://127.0.0.1:1", tmp_path) as elsewhere:
        assert elsewhere.cached() == {}
    with Registry(server.url, tmp_path) as later:
        assert set(later.cached()) == {schema_id}


def test_what_is_not_there(registry: Registry, client: SchemaRegistryClient) -> None:
    assert isinstance(registry.schema(999_999), Missing)
    client.register_schema(
        "other-value", Schema('{"type": "record", "name": "Reading", "namespace": "maintenance.v1", "fields": []}', "AVRO")
    )
    client.set_compatibility("other-value", "BACKWARD")
    assert isinstance(registry.register("other-value", "Reading"), Refused)
    with Registry("http://127.0.0.1:1") as nowhere:
        assert isinstance(nowhere.schema(1), Away)
