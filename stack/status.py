"""What runs, since when, what does not and why; how much disk is used."""

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from settings import Settings
from stack import mlflow, orphans, postgres, registry, s3, valkey, web, work
from stack.instance import Instance
from stack.supervisor import Supervisor
from telemetry import broker

STOPPED = "the supervisor does not run: `maint up`"
STATES = {"RUNNING": "running", "STARTING": "starting", "BACKOFF": "restarting", "STOPPING": "stopping", "FATAL": "failed"}
GB = 1024**3


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One process; since is ISO 8601, UTC.

    State is running, degraded, starting, restarting, stopping, stopped, failed or unsupervised: it may run, and nobody looks after it.
    """

    name: str
    state: str
    since: str | None
    pid: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Dependency:
    """A server the product talks to, ours or not."""

    name: str
    address: str
    ok: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Disk:
    """Disk of the instance in bytes; `warning` is empty while the budget holds."""

    used: int
    budget: int
    free: int
    warning: str


@dataclass(frozen=True, slots=True)
class Status:
    """State of an instance."""

    home: str
    services: list[ServiceStatus]
    dependencies: list[Dependency]
    disk: Disk

    @property
    def ok(self) -> bool:
        """True when every process and every dependency is in order."""
        return all(service.state == "running" for service in self.services) and all(entry.ok for entry in self.dependencies)


def look(instance: Instance, supervisor: Supervisor, names: Sequence[str], settings: Settings) -> Status:
    """State of the named services and of the servers in the settings."""
    states, left = supervisor.states(), 0 if supervisor.alive() else len(orphans.find(instance))
    stopped = f"the supervisor is gone, {left} processes run on without it: `maint up` replaces them" if left else STOPPED
    with ThreadPoolExecutor() as pool:
        dependencies = pool.map(lambda entry: _dependency(*entry), _dependencies(settings))
        services = pool.map(lambda name: _service(instance, name, states.get(name), stopped), names)
        return Status(str(instance.home), list(services), list(dependencies), disk(instance, settings))


def _service(instance: Instance, name: str, known: dict[str, Any] | None, stopped: str) -> ServiceStatus:
    if known is None:
        return ServiceStatus(name, "stopped" if stopped == STOPPED else "unsupervised", None, None, stopped)
    state = STATES.get(known["statename"], "stopped")
    running = state == "running"
    reason = _probe(instance, name) if running else known["spawnerr"] or known["description"]
    since = known["start"] if running or state == "starting" else known["stop"]
    return ServiceStatus(
        name=name,
        state="degraded" if running and reason else state,
        since=datetime.fromtimestamp(since, UTC).isoformat() if since else None,
        pid=known["pid"] or None,
        reason=reason,
    )


def _probe(instance: Instance, name: str) -> str:
    if name in work.COMMANDS:
        return "; ".join(work.degradations(instance.ports[name]))
    probes: dict[str, Callable[[], str]] = {
        "kafka": lambda: broker.probe({"bootstrap.servers": f"127.0.0.1:{instance.ports['kafka']}"}),
        "postgres": lambda: postgres.probe(postgres.url(instance)),
        "registry": lambda: registry.probe(registry.url(instance)),
        "s3": lambda: s3.probe(s3.url(instance)),
        "mlflow": lambda: web.problem(f"{mlflow.url(instance)}/health"),
        "valkey": lambda: valkey.probe(instance),
    }
    return probes[name]()


def _dependencies(settings: Settings) -> list[tuple[str, str, Callable[[], str]]]:
    address = settings.database_url.get_secret_value()
    entries = [
        ("kafka", settings.kafka_bootstrap_servers, lambda: broker.probe(settings.kafka)),
        ("database", address.rpartition("@")[2], lambda: postgres.probe(address)),
        ("registry", settings.schema_registry_url, lambda: registry.probe(settings.schema_registry_url)),
    ]
    models = settings.mlflow_tracking_uri
    if models.startswith("http"):
        entries.append(("mlflow", models.rpartition("@")[2], lambda: web.problem(f"{models.rstrip('/')}/health")))
    return [entry for entry in entries if entry[1]]


def _dependency(name: str, address: str, probe: Callable[[], str]) -> Dependency:
    reason = probe()
    return Dependency(name, address, not reason, reason)


def disk(instance: Instance, settings: Settings) -> Disk:
    """Disk the instance uses, and whether the budget and the disk itself leave room."""
    outside = instance.data / "outside"
    used = sum(_size(folder) for folder in (instance.home, outside) if folder.exists())
    budget = int(settings.disk_budget_gb * GB)
    free = shutil.disk_usage(instance.home).free
    warning = ""
    if used > budget:
        warning = f"{used / GB:.1f} GB used, budget is {settings.disk_budget_gb:g} GB: lower the retention or raise disk_budget_gb"
    elif free < GB:
        warning = f"only {free / GB:.2f} GB free on the disk of {instance.home}"
    return Disk(used, budget, free, warning)


def _size(folder: Path) -> int:
    """Bytes on disk below a folder; files that vanish meanwhile count nothing. Holes in sparse files are free."""
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(root, name)).st_blocks * 512  # noqa: PTH118  half a million files on a busy broker
            except OSError:
                continue
    return total
