"""The stack of one instance: started in the order of its needs, watched, stopped in reverse."""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from settings import STANDARD, Settings, environment, load
from settings.instance import FILE, instance_values, write_instance
from stack import orphans, plan, postgres, registry, s3, work
from stack.instance import Instance
from stack.plan import Profile
from stack.problem import StackError
from stack.service import Service
from stack.status import Status, look
from stack.supervisor import Supervisor, render
from telemetry import broker

Report = Callable[[str, str, str], None]  # service, state, detail
POLL_S = 0.1
FOLDERS = (
    "archive",
    "data",
    "demo",
    "faust",
    "logs",
    "models",
    "replay",
    "run",
    "schemas",
    "secrets",
)  # what an instance keeps in its home; nothing else is removed
PIDS_MAX = 4  # a service that was restarted as often does not come up by waiting


@dataclass(slots=True)
class Start:
    """When a service was started, and the process ids it has had since (0 between two)."""

    at: float
    pids: set[int] = field(default_factory=set)


def never() -> bool:
    """Nobody cancels."""
    return False


def silent(service: str, state: str, detail: str) -> None:
    """Report to nobody."""


class Stack:
    """All processes of an instance.

    Servers named in the environment (KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL, SCHEMA_REGISTRY_URL) are used as they are;
    only the missing ones are started.

    Args:
        home: folder of the instance; created when missing.
        profile: core = Kafka, PostgreSQL and our processes; full adds registry, object store, MLflow and Valkey.
        report: told of every change as (service, state, detail), from any thread.
    """

    def __init__(self, home: Path, profile: Profile = "core", report: Report = silent) -> None:
        self.instance = Instance(home.expanduser().absolute())
        self.profile = profile
        self.report = report
        self.supervisor = Supervisor(self.instance)
        self._cancelled = never

    def up(self, *, servers_only: bool = False, cancelled: Callable[[], bool] = never) -> Settings:
        """Start what does not run yet; returns when all is healthy.

        Raises:
            StackError: something is missing, a service does not become healthy, or it was cancelled.
        """
        self._cancelled = cancelled
        settings = load(home=self.instance.home)  # a wrong setting is told before anything starts
        with self._alone():
            if not self.supervisor.alive():
                self._clean()
            servers = self._prepare()
            settings = self._introduce()
            self._greet(settings)
            processes = [] if servers_only else work.services(self.instance)
            if processes:
                self._complete({service.name for service in servers})
                servers = [self._completed(service) for service in servers]
            services = [*servers, *processes]
            self.supervisor.ensure(render(self.instance, services, root=os.geteuid() == 0, log_bytes_max=settings.log_bytes_max))
            self._start(services)
            return settings

    def _completed(self, service: Service) -> Service:
        """The service with topics or tables made as soon as it is healthy, while others still start."""

        def after() -> None:
            service.after()
            work.prepare(self.instance, service.name)

        return replace(service, after=after)

    def _complete(self, own: set[str]) -> None:
        """Topics and tables of servers that are not ours."""
        for name in work.PREPARATION.keys() - own:
            self.report(name, "preparing", "topics and tables")
            work.prepare(self.instance, name)

    def down(self, *, purge: bool = False) -> None:
        """Stop everything, also what a killed supervisor left behind; with purge remove data, logs and secrets."""
        if not self.instance.home.exists():
            return
        with self._alone():
            for name in reversed(self._names() if self.supervisor.alive() else []):
                self.report(name, "stopping", "")
                self.supervisor.stop(name)
                self.report(name, "stopped", "")
            self.supervisor.shutdown()
            orphans.end(orphans.find(self.instance))
            s3.clean(self.instance)
        if purge:
            self._purge()

    def status(self) -> Status:
        """What runs, since when, what does not and why."""
        return look(self.instance, self.supervisor, self._names(), load(home=self.instance.home))

    def _names(self) -> list[str]:
        """Services of the last start, in the order of their start."""
        if not self.supervisor.file.exists():
            return []
        return re.findall(r"^\[program:(.+)\]$", self.supervisor.file.read_text(encoding="utf-8"), re.MULTILINE)

    def _prepare(self) -> list[Service]:
        self.report("programs", "preparing", "downloading what is missing")
        servers = plan.servers(self.instance, self.profile, environment())
        self.report("programs", "running", "")
        for service in servers:
            self.report(service.name, "preparing", "")
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda service: service.prepare(), servers))
        return servers

    def _introduce(self) -> Settings:
        """Write where everything is into the instance's file, for every later command; other settings in it stay."""
        home = self.instance.home
        kept = {name: value for name, value in instance_values(home).items() if name not in STANDARD}
        write_instance(home, {**kept, **plan.addresses(self.instance, self.profile, environment())})
        return load(home=home)

    def _greet(self, settings: Settings) -> None:
        """Make sure that servers of others answer, and have the databases we need."""
        given = environment()
        asked = {
            "kafka_bootstrap_servers": lambda: broker.probe(settings.kafka, timeout_s=10),
            "database_url": lambda: postgres.probe(settings.database_url.get_secret_value()),
            "schema_registry_url": lambda: registry.probe(settings.schema_registry_url),
        }
        for name in asked.keys() & given.keys():
            reason = asked[name]()
            if reason:
                raise StackError(f"the server named by {STANDARD[name]} does not answer ({reason})", "correct or unset the variable")
        if "database_url" in given:
            postgres.create(plan.database(self.instance, given), plan.databases(self.profile, given))

    def _start(self, services: Sequence[Service]) -> None:
        """Start services as soon as what they need is healthy and has done its work after that."""
        waiting = {service.name: service for service in services}
        started: dict[str, Start] = {}
        finishing: dict[str, Future[None]] = {}
        with ThreadPoolExecutor() as pool:
            while waiting:
                if self._cancelled():
                    raise StackError("interrupted", "what had been started is stopped again")
                for service in [entry for entry in waiting.values() if not waiting.keys() & set(entry.needs)]:
                    name = service.name
                    if name not in started:
                        self.report(name, "starting", "")
                        self.supervisor.start(name)
                        started[name] = Start(time.monotonic())
                    if name not in finishing and self._healthy(service, started[name]):
                        finishing[name] = pool.submit(service.after)
                    if name in finishing and finishing[name].done():
                        finishing[name].result()
                        self.report(name, "running", "")
                        del waiting[name]
                time.sleep(POLL_S)

    def _healthy(self, service: Service, start: Start) -> bool:
        state = self.supervisor.states()[service.name]
        start.pids.add(state["pid"])
        reason = service.probe() if state["statename"] in {"STARTING", "RUNNING"} else "it ended"
        if reason and (time.monotonic() - start.at > service.wait_s or len(start.pids) > PIDS_MAX):
            raise StackError(f"{service.name} does not become healthy ({reason})", f"see {self.supervisor.log(service.name)}")
        return not reason

    def _clean(self) -> None:
        """End what a killed supervisor left; give up ports that others took meanwhile."""
        ended = orphans.end(orphans.find(self.instance))
        if ended:
            self.report("supervisor", "cleaned", f"ended {ended} processes of a killed run")
        self.instance.ports.renew_taken()

    def _purge(self) -> None:
        home = self.instance.home
        outside = home / "data/outside"
        if outside.is_symlink():
            shutil.rmtree(outside.resolve(), ignore_errors=True)
        for name in FOLDERS:
            shutil.rmtree(home / name, ignore_errors=True)
        for name in ("ports.json", FILE, "stack.lock"):
            (home / name).unlink(missing_ok=True)
        if home.exists() and not any(home.iterdir()):
            home.rmdir()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One `up` or `down` of an instance at a time."""
        self.instance.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self.instance.home / "stack.lock"
        lock.touch(mode=0o600)
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError("another `maint up` or `maint down` of this instance is at work", "wait for it") from None
            yield
