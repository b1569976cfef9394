"""An outlet that keeps everything in memory: for tests, and to look at what would be sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.codec import Decoded, decode
from simulator.publish import UndeliveredError
from streams.topics import RAW


@dataclass(slots=True)
class Memory:
    """Keeps records as (topic, key, value).

    Attributes:
        records: what was sent, in order.
        confirmed: how many of them the last settle covered.
        fails_at: number of records after which sending fails, like a broker that goes away.
    """

    records: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    confirmed: int = 0
    fails_at: int | None = None

    def check(self, topic: str) -> int:  # noqa: ARG002  as every outlet
        """Every topic exists, with one partition."""
        return 1

    def send(self, topic: str, values: Iterable[bytes], keys: Iterable[bytes]) -> None:
        """Keep records.

        Raises:
            UndeliveredError: `fails_at` is reached.
        """
        for value, key in zip(values, keys, strict=True):
            if self.fails_at is not None and len(self.records) >= self.fails_at:
                raise UndeliveredError("the outlet was told to fail here")
            self.records.append((topic, key, value))

    def settle(self, timeout_s: float = 60.0) -> None:  # noqa: ARG002  as every outlet
        """Everything is stored at once."""
        self.confirmed = len(self.records)

    def decoded(self, name: str, topic: str = RAW) -> list[tuple[str, dict[str, Any]]]:
        """(key, record) of all records of one schema in a topic, in order."""
        found = ((key, decode(value)) for where, key, value in self.records if where == topic)
        return [(key.decode(), item.record) for key, item in found if isinstance(item, Decoded) and item.name == name]
