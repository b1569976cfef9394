"""supervisord, driven over its socket: it restarts what dies and rotates logs; order and health are ours."""

import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from stack.instance import MARKER, Instance
from stack.problem import StackError
from stack.secrets import write_private
from stack.service import Service

HEAD = """[supervisord]
logfile={logs}/supervisord.log
logfile_maxbytes={bytes_max}
logfile_backups=3
pidfile={run}/supervisord.pid
childlogdir={logs}
minfds=4096
umask=077
{user}
[unix_http_server]
file={socket}
chmod=0600
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """[program:{name}]
command={command}
environment={environment}
directory=/
autostart=false
autorestart=true
startsecs=1
startretries=1000000
exitcodes={exit_codes}
stopsignal={stop_signal}
stopwaitsecs={stop_s}
stopasgroup={group_stop}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes={bytes_max}
stdout_logfile_backups=3
{user}
"""
END_S = 60  # longer than the slowest service may take to stop
GONE = (OSError, HTTPException, xmlrpc.client.ProtocolError)


def render(instance: Instance, services: Iterable[Service], *, root: bool, log_bytes_max: int) -> str:
    """Supervisord's configuration; it holds secrets."""
    head = HEAD.format(
        logs=instance.logs, run=instance.run, socket=instance.socket, bytes_max=log_bytes_max, user="user=root" if root else ""
    )
    return head + "".join(_program(service, instance, log_bytes_max) for service in services)


def _program(service: Service, instance: Instance, log_bytes_max: int) -> str:
    environment = {MARKER: str(instance.home), **service.environment}
    return PROGRAM.format(
        name=service.name,
        command=_escape(service.line),
        environment=_escape(",".join(f'{name}="{value}"' for name, value in environment.items())),
        exit_codes=",".join(map(str, service.exit_codes)),
        stop_signal=service.stop_signal,
        stop_s=service.stop_s,
        group_stop="true" if service.group_stop else "false",
        logs=instance.logs,
        bytes_max=log_bytes_max,
        user=f"user={service.user}" if service.user else "",
    )


def _escape(text: str) -> str:
    return text.replace("%", "%%")  # supervisord expands %(names)s


class Supervisor:
    """The supervisor of one instance.

    Every call raises one of GONE when it does not run.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.file = instance.run / "supervisord.conf"

    @contextmanager
    def _remote(self) -> Iterator[Any]:
        transport = SupervisorTransport(None, None, f"unix://{self.instance.socket}")
        try:
            yield xmlrpc.client.ServerProxy("http://localhost", transport=transport).supervisor
        finally:
            transport.close()

    def alive(self) -> bool:
        """True when it runs and answers."""
        with suppress(*GONE), self._remote() as remote:
            return bool(remote.getState()["statename"] == "RUNNING")
        return False

    def pid(self) -> int:
        """Its process id."""
        with self._remote() as remote:
            return int(remote.getPID())

    def ensure(self, configuration: str) -> None:
        """Start it with this configuration, or bring the running one to it.

        Raises:
            StackError: it does not start.
        """
        write_private(self.file, configuration)
        if self.alive():
            self._update()
            return
        self.instance.socket.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", self.file],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={**os.environ, MARKER: str(self.instance.home)},
        )
        deadline = time.monotonic() + 15
        while not self.alive():
            if done.returncode != 0 or time.monotonic() > deadline:
                raise StackError("supervisord does not start", (done.stderr.strip() or f"see {self.instance.logs}").splitlines()[-1])
            time.sleep(0.02)

    def _update(self) -> None:
        with self._remote() as remote:
            added, changed, removed = remote.reloadConfig()[0]
            for name in (*changed, *removed):
                self.stop(name)
                remote.removeProcessGroup(name)
            for name in (*added, *changed):
                remote.addProcessGroup(name)

    def start(self, name: str) -> None:
        """Start a program and return at once; nothing happens when it runs."""
        with self._remote() as remote:
            self._unless(Faults.ALREADY_STARTED, lambda: remote.startProcess(name, False))

    def stop(self, name: str) -> None:
        """Stop a program and wait until it has ended; nothing happens when it does not run."""
        with self._remote() as remote:
            self._unless(Faults.NOT_RUNNING, lambda: remote.stopProcess(name, True))

    def states(self) -> dict[str, dict[str, Any]]:
        """What supervisord knows of each program, by name; empty when it does not run."""
        with suppress(*GONE), self._remote() as remote:
            return {state["name"]: state for state in remote.getAllProcessInfo()}
        return {}

    def shutdown(self) -> None:
        """Stop what still runs, then end the supervisor; returns when it has ended.

        Raises:
            StackError: it does not end.
        """
        with suppress(*GONE, psutil.NoSuchProcess):
            process = psutil.Process(self.pid())
            with self._remote() as remote:
                remote.shutdown()
            try:
                process.wait(END_S)
            except psutil.TimeoutExpired as error:
                raise StackError("supervisord does not end", f"see {self.instance.logs}/supervisord.log") from error
        self.instance.socket.unlink(missing_ok=True)

    @staticmethod
    def _unless(fault: int, call: Any) -> None:  # noqa: ANN401  a remote call
        try:
            call()
        except xmlrpc.client.Fault as error:
            if error.faultCode != fault:
                raise

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self.instance.logs / f"{name}.log"
