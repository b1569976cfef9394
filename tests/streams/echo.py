"""An agent for tests: a block of text per stretch, state = sum over what it saw. Run as a script it is a worker with it."""

import json
import sys
from hashlib import blake2b

from streams.topics import RAW, SCORED
from streams.transport.outputs import Output
from streams.work import Agent, Place, Record, Taken

AGENT = Agent("echo", "data", RAW, "state.acquisition.v1", (SCORED,), "echo", "repeats")


class Echo:
    kernel = "echo"

    def __init__(self, place: Place, state: bytes | None) -> None:
        self.place = place
        self.chain = state[:16] if state else b""
        self.padding = state[16:] if state else b""
        self.held: list[Taken] = []

    def apply(self, taken: Taken) -> list[Output]:
        for record in taken.records:
            if record.value == b"kill":
                raise ValueError("a record that kills")
            self.chain = blake2b(self.chain + (record.value or b""), digest_size=16).digest()
        self.held.append(taken)
        return self.settle() if taken.records or taken.expired else []

    def refuse(self, record: Record, detail: str) -> list[Output]:
        return [self._output({"refused": record.offset, "detail": detail, "start": record.offset, "end": record.offset + 1})]

    def settle(self) -> list[Output]:
        held, self.held = self.held, []
        if not held:
            return []
        return [
            self._output(
                {
                    "start": held[0].start,
                    "end": held[-1].end,
                    "offsets": [record.offset for taken in held for record in taken.records],
                    "voids": [each for taken in held for each in taken.voids],
                    "expired": [each for taken in held for each in taken.expired],
                    "chain": self.chain.hex(),
                }
            )
        ]

    def pack(self) -> bytes:
        return self.chain.ljust(16, b"\0") + self.padding

    def _output(self, block: dict[str, object]) -> Output:
        return Output(SCORED, json.dumps(block).encode(), partition=self.place.partition)


def warm() -> None:
    pass


def begin(place: Place, _settings: object, state: bytes | None) -> Echo:
    return Echo(place, state)


if __name__ == "__main__":
    sys.modules["echo"] = sys.modules["__main__"]
    from settings import load
    from streams.worker import run

    run("echo", load(), agents=(AGENT,))
