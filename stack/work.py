"""Our own processes: workers and sink, started by command. The stack never imports what they are made of."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence

from stack import web
from stack.instance import Instance
from stack.problem import StackError
from stack.service import Service

COMMANDS = {"worker-data": ("work", "data"), "worker-control": ("work", "control"), "deliver": ("deliver",)}
# Workers load their programs while the servers start, then wait for their topics. The control plane judges by what the tables say.
NEEDS = {"worker-data": (), "worker-control": ("postgres",), "deliver": ("kafka", "postgres")}
PREPARATION = {"kafka": ("topics", "create"), "postgres": ("migrate",)}  # what a server lacks when it is new


def command(*words: str) -> list[str]:
    """A maint command that runs with this very Python."""
    return [sys.executable, "-m", "cli.main", *words]


def services(instance: Instance) -> list[Service]:
    """Workers and sink."""
    return [_service(instance, name, words) for name, words in COMMANDS.items()]


def _service(instance: Instance, name: str, words: Sequence[str]) -> Service:
    port = instance.ports[name]
    return Service(
        name=name,
        command=command(*words),
        environment={"MAINT_HOME": str(instance.home), "MAINT_METRICS_PORT": str(port)},
        stop_s=20,
        needs=NEEDS[name],  # and nothing else: models and registry may come later
        wait_s=300,  # on a busy machine a worker compiles its kernels for two minutes
        probe=lambda: web.problem(f"http://127.0.0.1:{port}/health/ready"),
    )


def degradations(port: int) -> list[str]:
    """What a process says is not in order, with the time since when; a process that does not answer is one entry."""
    status, body = web.fetch(f"http://127.0.0.1:{port}/health")
    if status == 0:
        return [f"no answer to the question for its health ({body.decode()})"]
    known = web.document(body).get("dependencies", {})
    return [f"{name}: {entry['reason']} (since {entry['since']})" for name, entry in known.items() if not entry["ok"]]


def prepare(instance: Instance, server: str) -> None:
    """Create the topics of a broker, the tables of a database; nothing for other servers.

    Raises:
        StackError: the command failed; carries its last line.
    """
    words = PREPARATION.get(server)
    if words is None:
        return
    environment = {**os.environ, "MAINT_HOME": str(instance.home)}
    done = subprocess.run(command(*words), capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if re.search(r"\w", line)]
        raise StackError(f"`maint {' '.join(words)}` failed", said[-1] if said else "it said nothing")
