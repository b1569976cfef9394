"""Kafka and TimescaleDB as containers, for machines with a Docker daemon."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from stack import postgres
from stack.ports import pick
from telemetry import broker

BROKER = "apache/kafka:4.4.0"
DATABASE = "timescale/timescaledb:2.29.2-pg17"
READY_S = 180
KAFKA = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_HEAP_OPTS": "-Xms64m -Xmx384m",
}


def daemon_answers() -> bool:
    """True when containers can be started here. Asked over the bare socket: the client library leaves it open."""
    kind, _, place = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").partition("://")
    host, _, port = place.partition(":")
    with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET) as asking:
        asking.settimeout(3)
        asking.connect(place if kind == "unix" else (host, int(port)))
        asking.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in asking.recv(100)
    return False


@contextmanager
def containers() -> Iterator[tuple[str, str]]:
    """Addresses of a broker and of a database that live as long as the block runs."""
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.container import DockerContainer

    port = pick(set())
    kafka = DockerContainer(BROKER).with_bind_ports(9092, port)
    for name, value in {**KAFKA, "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}"}.items():
        kafka = kafka.with_env(name, value)
    database = PostgresContainer(DATABASE, username="maint", password=os.urandom(12).hex(), dbname="maint", driver=None)
    with kafka, database:
        bootstrap, url = f"127.0.0.1:{port}", str(database.get_connection_url())
        _await(bootstrap, url)
        yield bootstrap, url


def _await(bootstrap: str, url: str) -> None:
    deadline = time.monotonic() + READY_S
    while reason := broker.probe({"bootstrap.servers": bootstrap}) or postgres.probe(url):
        if time.monotonic() > deadline:
            raise TimeoutError(reason)
        time.sleep(0.2)
