import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from bridge.births import Births
from bridge.mapping import Naming
from bridge.reading import BAD, BAD_NO_COMMUNICATION, BAD_NO_DATA, UNCERTAIN_LAST_USABLE_VALUE, Point, Reason, Refusal
from bridge.sparkplug import Plant, Taken, address
from tests.bridge.building import BOOLEAN, DOUBLE, INT32, STRING, metric, payload

NOW = 2_000_000_000_000_000
TS = 1_700_000_000_000


class Edge:
    """One edge node that talks to a plant."""

    def __init__(self, folder: Path, naming: Naming | None = None) -> None:
        self.plant = Plant(naming or Naming(), Births(folder))

    def send(self, kind: str, data: bytes, device: str = "", *, repeated: bool = False) -> Taken:
        at = address(f"spBv1.0/g/{kind}/n" + (f"/{device}" if device else ""))
        assert at
        return self.plant.take(at, data, arrival_us=NOW, repeated=repeated)

    def birth(self, seq: int = 0, bd_seq: int = 1) -> Taken:
        born = [metric("bdSeq", bd_seq, 8), metric("Node Control/Rebirth", value=False, datatype=BOOLEAN), metric("speed", 1.5, alias=1)]
        return self.send("NBIRTH", payload(*born, metric("load", 7, INT32, alias=2), seq=seq))

    def data(self, seq: int, value: float = 2.5, *, repeated: bool = False) -> Taken:
        return self.send("NDATA", payload(metric(None, value, None, alias=1), seq=seq), repeated=repeated)


@pytest.fixture
def edge(tmp_path: Path) -> Edge:
    return Edge(tmp_path)


def points(taken: Taken) -> list[Point]:
    return [found for found in taken.outcomes if isinstance(found, Point)]


def reasons(taken: Taken) -> Sequence[str]:
    return [found.reason for found in taken.outcomes if isinstance(found, Refusal)]


def test_a_birth_gives_its_values_and_data_uses_its_aliases(edge: Edge) -> None:
    assert [(p.sensor_id, p.value) for p in points(edge.birth())] == [("g/n/speed", 1.5), ("g/n/load", 7.0)]
    taken = edge.data(1)
    assert taken == Taken((Point("g/n", "g/n/speed", TS * 1000, 2.5, 0, 1),))


def test_signs_come_from_the_birth(edge: Edge) -> None:
    edge.birth()
    taken = edge.send("NDATA", payload(metric(None, 0xFFFFFFFE, None, alias=2), seq=1))
    assert [p.value for p in points(taken)] == [-2.0]


def test_devices_have_their_own_births(edge: Edge) -> None:
    edge.birth()
    edge.send("DBIRTH", payload(metric("speed", 3.5, alias=10), seq=1), "pump")
    taken = edge.send("DDATA", payload(metric(None, 4.5, None, alias=10), seq=2), "pump")
    assert [(p.asset_id, p.sensor_id, p.value) for p in points(taken)] == [("g/n/pump", "g/n/pump/speed", 4.5)]
    wrong = edge.send("DDATA", payload(metric(None, 4.5, None, alias=1), seq=3), "pump")
    assert reasons(wrong) == [Reason.NO_BIRTH]


def test_names_follow_the_mapping(tmp_path: Path) -> None:
    edge = Edge(tmp_path, Naming(asset_id="{device}", sensor_id="{device}.{metric}"))
    taken = edge.send("DBIRTH", payload(metric("speed", 1.5), seq=0), "pump-7")
    assert [(p.asset_id, p.sensor_id) for p in points(taken)] == [("pump-7", "pump-7.speed")]


def test_a_metric_has_its_own_time_and_else_that_of_its_message(edge: Edge) -> None:
    taken = edge.send("NBIRTH", payload(metric("a", 1.0, timestamp=5), metric("b", 1.0), seq=0, ts=9))
    assert [p.ts for p in points(taken)] == [5000, 9000]
    assert reasons(edge.send("NBIRTH", payload(metric("a", 1.0), seq=0, ts=None))) == [Reason.NO_TIME]


def test_quality_becomes_status_and_null_becomes_no_value(edge: Edge) -> None:
    taken = edge.send(
        "NBIRTH",
        payload(
            metric("good", 1.0, quality=192),
            metric("bad", 1.0, quality=0),
            metric("stale", 1.0, quality=500),
            metric("null", None, is_null=True),
            metric("null_bad", None, is_null=True, quality=0),
            seq=0,
        ),
    )
    assert [p.status for p in points(taken)] == [0, BAD, UNCERTAIN_LAST_USABLE_VALUE, BAD_NO_DATA, BAD]
    assert [math.isnan(p.value) for p in points(taken)] == [False, False, False, True, True]


def test_historical_values_are_sent_with_their_own_time(edge: Edge) -> None:
    edge.birth()
    taken = edge.send("NDATA", payload(metric(None, 9.5, None, alias=1, timestamp=TS - 5000, is_historical=True), seq=1))
    assert [(p.ts, p.value) for p in points(taken)] == [((TS - 5000) * 1000, 9.5)]


def test_what_is_not_a_number_is_refused(edge: Edge) -> None:
    taken = edge.send("NBIRTH", payload(metric("name", "pump", STRING), metric("empty", None, DOUBLE), metric("when", 5, 13), seq=0))
    assert reasons(taken) == [Reason.NOT_A_NUMBER] * 3
    assert reasons(edge.send("NDATA", b"\xff\xff")) == [Reason.UNPARSABLE]


def test_a_death_ends_every_value_of_the_node_and_of_its_devices_once(edge: Edge) -> None:
    edge.birth(bd_seq=3)
    edge.send("DBIRTH", payload(metric("flow", 3.5, alias=10), metric("name", "x", STRING), seq=1), "pump")
    old = edge.send("NDEATH", payload(metric("bdSeq", 2, 8)))
    assert old == Taken(), "the will of an earlier connection"
    taken = edge.send("NDEATH", payload(metric("bdSeq", 3, 8)))
    assert [(p.sensor_id, p.ts, p.status) for p in points(taken)] == [
        ("g/n/load", NOW, BAD_NO_COMMUNICATION),
        ("g/n/speed", NOW, BAD_NO_COMMUNICATION),
        ("g/n/pump/flow", NOW, BAD_NO_COMMUNICATION),
    ]
    assert all(math.isnan(p.value) for p in points(taken))
    assert edge.send("NDEATH", payload(metric("bdSeq", 3, 8))) == Taken()
    assert edge.data(0).rebirth == ("g", "n")


def test_a_death_of_a_device_leaves_the_others(edge: Edge) -> None:
    edge.birth()
    edge.send("DBIRTH", payload(metric("flow", 3.5, alias=10), seq=1), "pump")
    assert [p.sensor_id for p in points(edge.send("DDEATH", payload(seq=2), "pump"))] == ["g/n/pump/flow"]
    assert len(points(edge.data(3))) == 1
    assert reasons(edge.send("DDATA", payload(metric(None, 1.0, None, alias=10), seq=4), "pump")) == [Reason.NO_BIRTH]


def test_missing_messages_are_counted_around_the_end_of_the_numbers(edge: Edge) -> None:
    edge.birth()
    assert edge.data(1).missing == 0
    late = edge.data(4)
    assert (late.missing, late.rebirth, len(points(late))) == (2, ("g", "n"), 1)
    for seq in range(5, 256):
        assert edge.data(seq).missing == 0
    assert edge.data(0).missing == 0


def test_a_repeated_message_is_no_gap(edge: Edge) -> None:
    edge.birth()
    for seq in (1, 2, 3):
        edge.data(seq)
    assert [edge.data(seq, repeated=True).missing for seq in (2, 3)] == [0, 0]
    assert edge.data(4).missing == 0


def test_without_a_birth_only_named_and_typed_metrics_are_taken(edge: Edge) -> None:
    taken = edge.send("NDATA", payload(metric("speed", 1.5), metric("load", 5, None), metric(None, 1.5, None, alias=4), seq=7))
    assert [p.sensor_id for p in points(taken)] == ["g/n/speed"]
    assert reasons(taken) == [Reason.NO_BIRTH] * 2
    assert taken.rebirth == ("g", "n")


def test_aliases_outlive_a_restart(tmp_path: Path) -> None:
    first = Edge(tmp_path)
    first.birth()
    first.send("DBIRTH", payload(metric("flow", 3.5, alias=10), seq=1), "pump")
    second = Edge(tmp_path)
    assert [p.value for p in points(second.data(17))] == [2.5]
    taken = second.send("DDATA", payload(metric(None, 1.5, None, alias=10), seq=18), "pump")
    assert [p.sensor_id for p in points(taken)] == ["g/n/pump/flow"]


def test_a_damaged_birth_on_disk_is_left_out(tmp_path: Path) -> None:
    Edge(tmp_path).birth()
    (path,) = tmp_path.glob("*.json")
    path.write_bytes(b"{")
    assert Edge(tmp_path).data(1).rebirth == ("g", "n")


def test_commands_of_others_are_left_alone(edge: Edge) -> None:
    assert edge.send("NCMD", b"\xff") == Taken()
