"""The promise in long: 20 kills of workers and sinks each, zombies, a broker restart, a database crash, at 20,000 readings/s.

    python -m bench.chaos [--rate N] [--kills N]

Ends with the judge's verdict: exit status 1 unless nothing was lost, nothing doubled and all scores are bit-equal.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.ground import ground
from streams.topics import RAW
from tests.faults.harness import Chain
from tests.faults.load import Plan
from tests.faults.storm import Storm
from tests.faults.verdict import Verdict, judge

PARTITIONS = 8
SESSION_S = 6
RECOVERY_S = 300  # on a machine that has other work, too
SETTLE_S = 600
CONSOLE = Console(width=150)


def arguments() -> argparse.Namespace:
    """Rate and number of kills."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description="Break everything under load and judge what is left.")
    parser.add_argument("--rate", type=int, default=20_000, help="readings a second")
    parser.add_argument("--kills", type=int, default=20, help="of the data workers, and as many of the sinks")
    return parser.parse_args()


def storm(chain: Chain, kills: int) -> Storm:
    """All faults, one after the other."""
    begun = time.monotonic()
    found = Storm(chain, lambda text: CONSOLE.print(f"{time.monotonic() - begun:6.0f} s  {text}"), RECOVERY_S)
    found.begin()
    found.kill(kills)
    for role in ("data", "deliver"):
        found.freeze(role, SESSION_S + 4)
        found.visit(role)
    found.crash_database()
    found.restart_broker()
    return found


def show(found: Storm, counts: dict[str, int], verdict: Verdict) -> None:
    """Two tables."""
    table = Table("fault", "times", "caught up after, s: median", "longest", title="Recovery")
    for fault, seconds in found.recovered.items():
        ordered = sorted(seconds)
        table.add_row(fault, str(len(ordered)), str(ordered[len(ordered) // 2]), str(ordered[-1]))
    CONSOLE.print(table)
    table = Table("", "judge", "ledger", title="Outcomes")
    for name, count in verdict.summary().items():
        table.add_row(name, f"{count:,}", f"{verdict.ledger[name]:,}" if name in verdict.ledger else "")
    CONSOLE.print(table)
    CONSOLE.print(f"sent: {counts}")
    for what in verdict.wrong[:50]:
        CONSOLE.print(f"[red]{what}")
    CONSOLE.print("nothing lost, nothing doubled, scores bit-equal" if not verdict.wrong else f"{len(verdict.wrong)} differences")


def main() -> int:
    """Run it; BENCH_JSON names a file for the figures."""
    given = arguments()
    with ground() as servers:
        settings = servers.instance(partitions=PARTITIONS)
        with Chain(settings, servers.stack, servers.folder / "chaos", session_timeout_s=SESSION_S) as chain:
            for role in ("data", "data", "deliver", "deliver", "control"):
                chain.start(role)
            chain.begin_load(Plan(settings.kafka_bootstrap_servers, settings.topic(RAW), PARTITIONS, given.rate, assets=200))
            found = storm(chain, given.kills)
            counts = chain.end_load()
            chain.settle(SETTLE_S)
            exits = {name: slot.exits for name, slot in chain.watch.slots.items()}
        CONSOLE.print(f"exits: {exits}")
        verdict = judge(settings, RAW)
    show(found, counts, verdict)
    target = os.environ.get("BENCH_JSON")
    if target:
        result = {"chaos": {"rate": given.rate, "sent": counts, "recovered_s": found.recovered, **verdict.summary()}}
        Path(target).write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
