"""Is a Kafka cluster there? Asked through the client library, with the settings every process uses."""

from collections.abc import Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def probe(client: Mapping[str, str], *, timeout_s: float = 2) -> str:
    """Empty when the cluster answers a request for metadata, else the reason why not."""
    try:
        found = AdminClient({**client, "log_level": 0}).list_topics(timeout=timeout_s)
    except KafkaException as error:
        return str(error.args[0].str())
    return "" if found.brokers else "no broker is registered"
