"""Processes of an instance whose supervisor died: found by a mark in their environment, never by their name."""

import os
import signal
from contextlib import suppress

import psutil

from stack.instance import MARKER, Instance

PATIENCE_S = 30  # Kafka writes its log's end, PostgreSQL a checkpoint


def find(instance: Instance) -> list[psutil.Process]:
    """Every process that carries this instance's mark, apart from ourselves and those that started us."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [process for process in psutil.process_iter() if process.pid not in mine and _marked(process, str(instance.home))]


def _marked(process: psutil.Process, home: str) -> bool:
    with suppress(psutil.Error, OSError):
        return process.environ().get(MARKER) == home
    return False


def end(processes: list[psutil.Process], *, patience_s: float = PATIENCE_S) -> int:
    """End processes, politely first; returns how many there were.

    The supervisor goes first, so that it restarts nothing. psutil compares start times: a reused id is never hit.
    """
    for process in sorted(processes, key=lambda process: "supervisor.supervisord" not in _line(process)):
        with suppress(psutil.Error):
            process.send_signal(signal.SIGINT if _name(process) == "postgres" else signal.SIGTERM)
    _, left = psutil.wait_procs(processes, timeout=patience_s)
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=5)
    return len(processes)


def _line(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return process.name()
    return ""
