"""Kafka as one process of the instance: broker and controller in one, on the loopback.

KAFKA_HOME (an unpacked Apache Kafka 4) wins over the jars of our lock.
KAFKA_HEAP_OPTS and KAFKA_JVM_PERFORMANCE_OPTS are understood as by Kafka's own scripts; `brief` sets the latter for a broker
that will not live long.
"""

import base64
import os
import shlex
import subprocess
import uuid
from pathlib import Path

from stack import jars, java
from stack.instance import Instance
from stack.ports import is_open
from stack.problem import StackError
from stack.secrets import write_private
from stack.service import Service
from telemetry import broker

REMEDY = "give access to a Maven repository (MAVEN_REPOSITORY), or set KAFKA_HOME or KAFKA_BOOTSTRAP_SERVERS"
HEAP = "-Xms64m -Xmx256m"
SPEED = "-XX:+UseSerialGC"
BRIEF = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # half the processor time in the first minute, twice as much for ever after
LOG4J = """Configuration:
  status: warn
  Appenders:
    Console: {name: out, PatternLayout: {pattern: "%d{ISO8601} %-5p %m (%c{1})%n"}}
  Loggers:
    Root: {level: info, AppenderRef: {ref: out}}
"""
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
log.dirs={folder}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.threads=1
num.io.threads=4
num.network.threads=2
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
"""


def libraries() -> Path:
    """Folder of Kafka's jars, downloaded when it is missing."""
    home = os.environ.get("KAFKA_HOME")
    if not home:
        return jars.fetch("kafka", remedy=REMEDY)
    folder = Path(home) / "libs"
    if not folder.is_dir():
        raise StackError(f"KAFKA_HOME={home} has no folder libs", "point it to an unpacked Apache Kafka 4, or unset it")
    return folder


def brief() -> None:
    """Brokers that this process and its children start are for minutes; options that somebody has set stay."""
    os.environ.setdefault("KAFKA_JVM_PERFORMANCE_OPTS", BRIEF)


def service(instance: Instance) -> Service:
    """The broker."""
    settings = instance.run / "server.properties"
    port = instance.ports["kafka"]
    return Service(
        name="kafka",
        command=[*virtual_machine(instance, os.environ.get("KAFKA_JVM_PERFORMANCE_OPTS") or SPEED), "kafka.Kafka", settings],
        stop_s=30,
        exit_codes=(0, 143),  # a Java program ends so after SIGTERM
        probe=lambda: broker.probe({"bootstrap.servers": f"127.0.0.1:{port}"}) if is_open(port) else f"port {port} is closed",
        prepare=lambda: prepare(instance, settings),
    )


def virtual_machine(instance: Instance, speed: str) -> list[str]:
    """Command line up to the class to start."""
    heap = shlex.split(os.environ.get("KAFKA_HEAP_OPTS") or HEAP)
    logs = f"-Dlog4j2.configurationFile={instance.run}/log4j2.yaml"
    return [str(java.executable()), *heap, *shlex.split(speed), logs, "-cp", f"{libraries()}/*"]


def prepare(instance: Instance, settings: Path) -> None:
    """Write the configuration; format the log folder once."""
    folder = instance.data / "kafka"
    write_private(instance.run / "log4j2.yaml", LOG4J)
    write_private(settings, PROPERTIES.format(broker=instance.ports["kafka"], controller=instance.ports["controller"], folder=folder))
    if (folder / "meta.properties").exists():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    command: list[str | Path] = [*virtual_machine(instance, BRIEF), "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", settings]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"Kafka cannot prepare {folder}", (done.stderr or done.stdout).strip().splitlines()[-1])


def cluster_id() -> str:
    """A random id of 22 letters; the first is a letter, because a leading hyphen reads as an option."""
    return "C" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
