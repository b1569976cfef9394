"""Real processes of the console commands, each in a home of its own as on machines of their own, restarted at once when they end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from settings import STANDARD

FAULT = 76  # a topic was recreated or truncated: a restart would not help
SOON_S = 1.0  # a process that lived shorter is restarted a little later, so that the tests keep the processor
LOOK_S = 0.02


def environment(home: Path) -> dict[str, str]:
    """The caller's environment without settings of the product, which all come from the home."""
    kept = {name: value for name, value in os.environ.items() if name not in STANDARD.values() and not name.startswith("MAINT_")}
    return {**kept, "MAINT_HOME": str(home), "MAINT_LOG_FORMAT": "json"}


class Slot:
    """One place of a process and its successors.

    Args:
        name: of the log file.
        words: the command behind `maint`.
        home: MAINT_HOME of the process.
        log: file that takes what it prints.
    """

    def __init__(self, name: str, words: Sequence[str], home: Path, log: Path) -> None:
        self.name = name
        self.home, self.log = home, log
        self.exits: list[int] = []
        self.wanted = True
        self._words = words
        self._begin()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def text(self) -> str:
        """Everything the process and its predecessors printed."""
        return self.log.read_text(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Kill -9; the supervisor starts the next one."""
        self.signal(signal.SIGKILL)

    def end(self, timeout_s: float = 25.0) -> int:
        """Stop for good: politely, then not."""
        self.wanted = False
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def look(self) -> None:
        """Start the next process when one has ended and shall not."""
        code = self._process.poll()
        if code is None or not self.wanted:
            return
        if time.monotonic() - self._began < SOON_S and time.monotonic() < self._began + 2 * SOON_S:
            return
        self.exits.append(code)
        if code == FAULT:
            self.wanted = False
        else:
            self._begin()

    def _begin(self) -> None:
        self._began = time.monotonic()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *self._words], env=environment(self.home), stdout=output, stderr=output, cwd="/"
            )


class Watch:
    """Restarts the processes of its slots until closed; then none is left."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            for slot in list(self.slots.values()):
                slot.look()

    def close(self) -> None:
        """End every process, all at the same time."""
        self._ended.set()
        self._thread.join()
        for slot in self.slots.values():
            slot.wanted = False
            slot.signal(signal.SIGCONT)
            slot.signal(signal.SIGTERM)
        for slot in self.slots.values():
            slot.end(10)
