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
    needed = {"mlflow_tracking_uri": mlflow.DATABASE, "schema_registry_url": registry.DATABASE}
    return {name for setting, name in needed.items() if setting not in given}


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
    makers.append(valkey.service)
    if "mlflow_tracking_uri" not in given:
        makers += [s3.service, lambda instance: mlflow.service(instance, database(instance, given))]
    return makers


def addresses(instance: Instance, profile: Profile, given: Mapping[str, str]) -> dict[str, str]:
    """Settings that say where the servers are."""
    found = {
        "kafka_bootstrap_servers": f"127.0.0.1:{instance.ports['kafka']}",
        "database_url": postgres.url(instance),
    }
    if profile == "full":
        found["schema_registry_url"] = registry.url(instance)
        found["mlflow_tracking_uri"] = mlflow.url(instance)
    return {**found, **given}
