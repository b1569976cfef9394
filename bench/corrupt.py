"""A million records of which a tenth is corrupted: for each one the outcome must be that of fastavro and plain rules.

python -m bench.corrupt [--records N] [--corrupted N] [--seed N]
"""

import argparse
import sys
import time

from tests.faults.corruption import run


def main() -> int:
    """Run it; exit status 1 if an outcome differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.corrupt", description="Corrupted records against an oracle.")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--corrupted", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20_260_101)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    begun = time.monotonic()
    report = run(given.records, given.corrupted, given.seed)
    print(f"{report.outcomes.total():,} records in {time.monotonic() - begun:.0f} s")
    for name, counts in (("outcome", report.outcomes), ("made odd by", report.makers)):
        print(f"{name}: " + ", ".join(f"{what} {count:,}" for what, count in counts.most_common()))
    for what in report.wrong:
        print(what)
    print("every outcome equals the oracle's" if not report.wrong else "outcomes differ")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
