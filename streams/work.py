"""What an agent is to the wrapper: rows of the table of agents, and the work on one partition."""

from dataclasses import dataclass
from typing import Protocol

from settings import Settings
from streams.transport.outputs import Output
from streams.transport.records import Record, Records
from streams.transport.span import Range

__all__ = ["Agent", "Output", "Place", "Range", "Record", "Records", "Room", "Taken", "Work"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch [start, end) of the log that continues the state: records and what is no record."""

    records: Records
    start: int
    end: int
    voids: list[Range]
    expired: list[Range]


@dataclass(frozen=True, slots=True)
class Place:
    """The partition an agent works on; `topic` without the namespace."""

    topic: str
    topic_id: str
    partition: int
    partitions: int


class Work(Protocol):
    """State of one agent on one partition. Pure: no clock, no Kafka; an exception ends the process."""

    kernel: str

    def apply(self, taken: Taken) -> list[Output]:
        """Advance the state over the stretch; outputs in their final order."""

    def refuse(self, record: Record, detail: str) -> list[Output]:
        """Advance over one record that ended the process three times: a rejection `fault`."""

    def settle(self) -> list[Output]:
        """Outputs still held back; afterwards everything up to the position is in an output."""

    def pack(self) -> bytes:
        """The state for a snapshot."""


class Room(Protocol):
    """The module of an agent."""

    def warm(self) -> None:
        """Load and compile what the work needs, before the process joins its group."""

    def begin(self, place: Place, settings: Settings, state: bytes | None) -> Work:
        """The work of one partition, from a snapshot's state or from nothing."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A row of the table of agents."""

    name: str
    plane: str
    topic: str
    state: str
    writes: tuple[str, ...]
    module: str
    does: str
