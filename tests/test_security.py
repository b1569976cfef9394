"""A broker that takes encrypted connections of a known user only: every client of the house gets in by the settings alone."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.kafka import Kafka
from bridge.reading import Point, record
from cli.entries import in_force, publish
from settings import Settings, load
from settings.instance import write_instance
from sinks.offsets import Brokers as SinkBrokers
from stack import kafka
from stack.instance import Instance
from stack.ports import pick
from streams import admin
from streams.topics import CATALOGUE, RAW, SCORED
from streams.transport.identity import Brokers
from telemetry import broker
from tests.bridge.building import until
from tests.bridge.certificates import STORE_PASSWORD, Authority
from tests.catalogue.building import asset
from tests.faults.harness import Chain

pytestmark = pytest.mark.integration
USER, PASSWORD, MECHANISM = "maint", "secret-of-the-plant", "SCRAM-SHA-512"
READY_S = 120
SECURED = """listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms={mechanism}
sasl.mechanism.inter.broker.protocol={mechanism}
listener.name.sasl_ssl.{lower}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="{user}" password="{password}";
ssl.keystore.type=PKCS12
ssl.keystore.location={store}
ssl.keystore.password={locked}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
"""


def configure(instance: Instance, authority: Authority, port: int, controller: int) -> Path:
    """The house's own broker, its listener secured."""
    text = kafka.PROPERTIES.format(broker=port, controller=controller, folder=instance.data / "kafka").replace(
        "PLAINTEXT://", "SASL_SSL://"
    )
    secured = SECURED.format(
        mechanism=MECHANISM, lower=MECHANISM.lower(), user=USER, password=PASSWORD, locked=STORE_PASSWORD,
        store=authority.sign("kafka", "127.0.0.1").store, authority=authority.file,
    )  # fmt: skip
    path = instance.run / "server.properties"
    path.write_text(text + secured)
    (instance.run / "log4j2.yaml").write_text(kafka.LOG4J)
    return path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("secured")
    instance, authority = Instance(folder), Authority(folder)
    port = pick(set())
    machine, path = kafka.virtual_machine(instance, kafka.BRIEF), configure(instance, authority, port, pick({port}))
    scram = f"{MECHANISM}=[name={USER},password={PASSWORD}]"
    command: list[str | Path] = [*machine, "kafka.tools.StorageTool", "format", "-t", kafka.cluster_id(), "-c", path]
    subprocess.run([*command, "--add-scram", scram], check=True, capture_output=True)
    write_instance(folder, {
        "namespace": "secured.", "partitions": "1", "kafka_bootstrap_servers": f"127.0.0.1:{port}", "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": MECHANISM, "kafka_sasl_username": USER, "kafka_sasl_password": PASSWORD,
        "kafka_ssl_ca_location": str(authority.file),
    })  # fmt: skip
    settings = load(home=folder)
    with (folder / "log").open("wb") as log, subprocess.Popen([*machine, "kafka.Kafka", path], stdout=log, stderr=log) as process:
        try:
            await_broker(settings, process, folder / "log")
            yield settings
        finally:
            process.terminate()


def await_broker(settings: Settings, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while reason := broker.probe(settings.kafka, timeout_s=2):
        assert process.poll() is None and time.monotonic() < deadline, f"{reason}: {log.read_text()[-3000:]}"  # noqa: PT018


def test_administrators_producers_and_consumers_get_in(secured: Settings) -> None:
    """confluent-kafka: topics are created, the catalogue is published and read, the bridge delivers."""
    admin.create_topics(secured)
    assert Brokers(secured.kafka).topic_ids([secured.topic(CATALOGUE)])
    publish(secured, [asset("P1")])
    assert [name for _, name in in_force(secured)] == ["P1"]
    outlet = Kafka(secured, "test")
    outlet.send([])
    assert outlet.left(5) == 0
    name = secured.topic(RAW)
    assert SinkBrokers(secured).partitions([name])[name]


def test_a_worker_gets_in(secured: Settings, tmp_path: Path) -> None:
    """Faust's consumer and our producer in the data plane: a reading becomes a scored block."""
    admin.create_topics(secured)
    scored = secured.topic(SCORED)
    outlet = Kafka(secured, "reading")
    outlet.send([record(Point("P1", "P1.temp", time.time_ns() // 1000, 20.0))])
    until(lambda: outlet.left(1) == 0)
    with Chain(secured, None, tmp_path / "chain") as chain:
        chain.start("data")
        until(lambda: sum(Brokers(secured.kafka).ends([(scored, 0)]).values()) > 0, READY_S)


def test_a_wrong_password_or_authority_is_a_clear_reason(secured: Settings, tmp_path: Path) -> None:
    for changed, told in (
        ({"sasl.password": "guessed"}, "check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD"),
        ({"ssl.ca.location": str(Authority(tmp_path, "other").file)}, "check KAFKA_SSL_CA_LOCATION"),
    ):
        reason = broker.probe({**secured.kafka, **changed}, timeout_s=5)
        assert told in reason, reason
