"""The stack of one instance: started in the order of its needs, watched, stopped in reverse."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from settings import Settings, environment, load
from settings.instance import FILE, write_instance
from stack import kafka, orphans, postgres, work
from stack.instance import Instance
from stack.problem import StackError
from stack.service import Service
from stack.supervisor import Supervisor, render

Profile = Literal["core", "full"]
Report = Callable[[str, str, str], None]  # service, state, detail


def silent(service: str, state: str, detail: str) -> None:
    """Report to nobody."""


class Stack:
    """All processes of an instance.

    Servers named in the environment (KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL, SCHEMA_REGISTRY_URL) are used as they are;
    only the missing ones are started.
    """

    def __init__(self, home: Path, profile: Profile = "core", report: Report = silent) -> None:
        self.instance = Instance(home.expanduser().absolute())
        self.profile = profile
        self.report = report
        self.supervisor = Supervisor(self.instance)

    def up(self, *, servers_only: bool = False) -> Settings:
        """Start what does not run yet; returns when all is healthy.

        Raises:
            StackError: something is missing, or a service does not become healthy.
        """
        with self._alone():
            if not self.supervisor.alive():
                self._clean()
            servers = self._servers()
            self._prepare(servers)
            settings = self._introduce()
            processes = [] if servers_only else work.services(self.instance)
            self._supervise([*servers, *processes], settings)
            self._start(servers)
            if processes:
                self.report("topics and tables", "preparing", "")
                work.prepare(self.instance)
                self._start(processes)
            return settings

    def down(self, *, purge: bool = False) -> None:
        """Stop everything, also what a killed supervisor left behind; with purge remove data, logs and secrets."""
        with self._alone():
            if self.supervisor.alive():
                for name in reversed(self._order()):
                    self.report(name, "stopping", "")
                    self.supervisor.stop(name)
                    self.report(name, "stopped", "")
                self.supervisor.shutdown()
            orphans.end(orphans.find(self.instance))
        if purge:
            self._purge()

    def _order(self) -> list[str]:
        known = self.supervisor.states()
        text = self.supervisor.file.read_text(encoding="utf-8")
        return sorted(known, key=lambda name: text.index(f"[program:{name}]"))

    def _servers(self) -> list[Service]:
        """The servers this instance runs itself. Made in parallel: some download what they need."""
        given = environment()
        makers: list[Callable[[Instance], Service]] = []
        if "kafka_bootstrap_servers" not in given:
            makers.append(kafka.service)
        if "database_url" not in given:
            makers.append(postgres.service)
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda make: make(self.instance), makers))

    def _prepare(self, services: Sequence[Service]) -> None:
        for service in services:
            self.report(service.name, "preparing", "")
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda service: service.prepare(), services))

    def _introduce(self) -> Settings:
        """Write where everything is into the instance's file, for every later command."""
        given = environment()
        ports = self.instance.ports
        values = {
            "kafka_bootstrap_servers": f"127.0.0.1:{ports['kafka']}",
            "database_url": postgres.url(self.instance),
        }
        write_instance(self.instance.home, {**values, **given})
        return load(home=self.instance.home)

    def _supervise(self, services: Sequence[Service], settings: Settings) -> None:
        text = render(self.instance, services, root=os.geteuid() == 0, log_bytes_max=settings.log_bytes_max)
        self.supervisor.ensure(text)

    def _start(self, services: Sequence[Service]) -> None:
        """Start services as soon as what they need is healthy."""
        waiting = {service.name: service for service in services}
        started: dict[str, float] = {}
        while waiting:
            for service in list(waiting.values()):
                if any(need in waiting for need in service.needs):
                    continue
                if service.name not in started:
                    self.report(service.name, "starting", "")
                    self.supervisor.start(service.name)
                    started[service.name] = time.monotonic()
                if self._healthy(service, started[service.name]):
                    service.after()
                    self.report(service.name, "running", "")
                    del waiting[service.name]
            time.sleep(0.03)

    def _healthy(self, service: Service, started: float) -> bool:
        state = self.supervisor.states()[service.name]
        reason = f"process is {state['statename'].lower()}" if state["statename"] not in {"STARTING", "RUNNING"} else service.probe()
        if reason and time.monotonic() - started > service.wait_s:
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
        for name in ("data", "logs", "run", "secrets"):
            shutil.rmtree(home / name, ignore_errors=True)
        for name in ("ports.json", FILE, "stack.lock"):
            (home / name).unlink(missing_ok=True)
        if home.exists() and not any(home.iterdir()):
            home.rmdir()

    def states(self) -> dict[str, dict[str, Any]]:
        """What the supervisor knows of each process, by name."""
        return self.supervisor.states()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One `up` or `down` of an instance at a time."""
        self.instance.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.instance.home / "stack.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError("another `maint up` or `maint down` of this instance is at work", "wait for it") from None
            yield
