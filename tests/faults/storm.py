"""The sequence of faults that the short test and `make chaos` run under load; each step waits until all was caught up again."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.topics import RAW
from tests.faults.harness import Chain, until
from tests.faults.process import Slot

RECOVERY_S = 90
READY = {"data": '"event": "restored"', "deliver": '"event": "assigned"'}  # what a process logs when it got partitions
START_S = 180  # five processes at once on a small machine


@dataclass
class Storm:
    """Breaks a chain that runs with two data workers and two sinks.

    Attributes:
        tell: told what happens, for people.
        recovery_s: longest time until everything is caught up.
        recovered: seconds from each fault until all that was sent before was stored, by fault.
    """

    chain: Chain
    tell: Callable[[str], None] = lambda _text: None
    recovery_s: float = RECOVERY_S
    recovered: dict[str, list[float]] = field(default_factory=dict)

    def flow(self, fault: str, timeout_s: float = 0.0) -> None:
        """Wait until everything sent before the fault is stored, whichever process had it in hand."""
        seconds = self.chain.await_stored(timeout_s or self.recovery_s)
        self.recovered.setdefault(fault, []).append(round(seconds, 1))
        self.tell(f"{fault}: caught up after {seconds:.1f} s")

    def begin(self) -> None:
        """Wait until the load flows through for the first time."""
        until(lambda: any(self.chain.ends(RAW).values()), "the load has begun", START_S)
        self.flow("start", START_S)

    def slots(self, role: str) -> list[Slot]:
        return [slot for name, slot in self.chain.watch.slots.items() if name.startswith(role)]

    def kill(self, times: int) -> None:
        """Kill -9 of a data worker and of a sink alternately, `times` each."""
        for number in range(times):
            for role in ("data", "deliver"):
                self.slots(role)[number % 2].kill()
                self.flow(f"kill -9 {role}")

    def freeze(self, role: str, beyond_s: float) -> None:
        """SIGSTOP one of two beyond its session, then SIGCONT: it comes back as a zombie."""
        slot = self.slots(role)[0]
        slot.signal(signal.SIGSTOP)
        begun = time.monotonic()
        self.flow(f"SIGSTOP {role}")
        time.sleep(max(0.0, beyond_s - (time.monotonic() - begun)))
        slot.signal(signal.SIGCONT)
        self.flow(f"SIGCONT {role}")

    def visit(self, role: str) -> None:
        """A third one joins, works and leaves."""
        third = self.chain.start(role, f"{role}-third")
        until(lambda: READY[role] in third.text(), f"the third {role} has partitions", RECOVERY_S)
        self.flow(f"{role} joins")
        third.end()
        self.flow(f"{role} leaves")

    def crash_database(self) -> None:
        """Immediate shutdown of PostgreSQL."""
        self.chain.crash_database()
        self.flow("PostgreSQL immediate")

    def restart_broker(self, how: signal.Signals = signal.SIGTERM) -> None:
        """The only broker goes and comes back."""
        self.chain.restart_broker(how)
        self.flow("broker kill -9" if how == signal.SIGKILL else "broker restart")
