"""Is a Kafka cluster there? Asked through the client library, with the settings every process uses."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

REMEDIES: Final[Mapping[int, str]] = MappingProxyType({
    KafkaError._AUTHENTICATION: "check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM",  # noqa: SLF001  the library's names
    KafkaError._SSL: "check KAFKA_SSL_CA_LOCATION and KAFKA_SECURITY_PROTOCOL",  # noqa: SLF001
})  # fmt: skip


def probe(client: Mapping[str, str], *, timeout_s: float = 2) -> str:
    """Empty when the cluster answers a request for metadata, else the reason why not."""
    told: list[KafkaError] = []
    admin = AdminClient({**client, "log_level": 0, "error_cb": told.append})
    try:
        found = admin.list_topics(timeout=timeout_s)
    except KafkaException as error:
        admin.poll(0)  # hands over what went wrong on the way: the exception says only that nobody answered
        why = next((f"{each.str()}; {REMEDIES[each.code()]}" for each in told if each.code() in REMEDIES), "")
        return why or str(error.args[0].str())
    return "" if found.brokers else "no broker is registered"
