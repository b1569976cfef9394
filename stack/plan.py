"""Which servers an instance runs itself: those of its profile that the environment does not name."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from stack import kafka, mlflow, postgres, registry, s3, valkey
from stack.address import Address
from stack.instance import Instance
from stack.service import Service

Profile = Literal["core", "full"]
Make = Callable[[Instance], Service]


def database(instance: Instance, given: Mapping[str, str]) -> Address:
    """The database server in use."""
    return Address(given.get("database_url") or postgres.url(instance))


def databases(profile: Profile, given: Mapping[str, str]) -> set[str]:
    """Databases that servers of ours need, beside the product's own."""
    if profile == "core":
        return set()
    return {mlflow.DATABASE} | (set() if "schema_registry_url" in given else {registry.DATABASE})


def servers(instance: Instance, profile: Profile, given: Mapping[str, str]) -> list[Service]:
    """The servers to run, in the order of their start. Made in parallel: some download what they need."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda make: make(instance), _makers(profile, given)))


def _makers(profile: Profile, given: Mapping[str, str]) -> list[Make]:
    makers: list[Make] = []
    if "database_url" not in given:
        makers.append(lambda instance: postgres.service(instance, databases(profile, given)))
    if "kafka_bootstrap_servers" not in given:
        makers.append(kafka.service)
    if profile == "core":
        return makers
    if "schema_registry_url" not in given:
        makers.append(lambda instance: registry.service(instance, database(instance, given)))
    mlflow_server: Make = lambda instance: mlflow.service(instance, database(instance, given))  # noqa: E731
    return [*makers, s3.service, valkey.service, mlflow_server]


def addresses(instance: Instance, profile: Profile, given: Mapping[str, str]) -> dict[str, str]:
    """Settings that say where the servers are."""
    found = {
        "kafka_bootstrap_servers": f"127.0.0.1:{instance.ports['kafka']}",
        "database_url": postgres.url(instance),
    }
    if profile == "full":
        found["schema_registry_url"] = registry.url(instance)
    return {**found, **given}
