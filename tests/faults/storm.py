"""The sequence of faults that the short test and `make chaos` run under load; each step waits until rows flow again."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.harness import Chain
from tests.faults.process import Slot

FLOW_S = 1.5  # rows of this much load must be stored after a fault before the next one comes
RECOVERY_S = 90


@dataclass
class Storm:
    """Breaks a chain that runs with two data workers and two sinks.

    Attributes:
        rate: readings a second of the load.
        tell: told what happens, for people.
        recovered: seconds from each fault until rows flowed again, by fault.
    """

    chain: Chain
    rate: float
    tell: Callable[[str], None] = lambda _text: None
    recovered: dict[str, list[float]] = field(default_factory=dict)

    def flow(self, fault: str) -> None:
        """Wait until the rows of some seconds of load were stored since the fault."""
        seconds = self.chain.await_rows(self.chain.rows() + int(self.rate * FLOW_S), RECOVERY_S)
        self.recovered.setdefault(fault, []).append(round(seconds, 1))
        self.tell(f"{fault}: rows flow again after {seconds:.1f} s")

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
