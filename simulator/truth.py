"""The sealed truth beside a simulated stream: which faults there were. Never read by streams/, processors/ or models/.

One JSON object a line: asset, sensor (null for a machine fault), kind, subject (machine or sensor), start and end (UTC;
end null: until the stream ended), sensors (those that show it).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.fault import Fault
from simulator.plant import Layout, affected


@dataclass(frozen=True, slots=True)
class Truth:
    """One fault as it happened; times in microseconds since 1970 (UTC)."""

    asset: str
    sensor: str | None
    kind: str
    subject: str
    start: int
    end: int | None
    sensors: tuple[str, ...]


def tell(plan: Iterable[Fault], layout: Layout, live_us: int) -> list[Truth]:
    """What a plan means for a plant whose live part begins at live_us."""
    return [_truth(fault, layout, live_us) for fault in plan]


def write(path: Path, truths: Iterable[Truth]) -> None:
    """Write one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ({**asdict(truth), "start": text(truth.start), "end": None if truth.end is None else text(truth.end)} for truth in truths)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def read(path: Path) -> list[Truth]:
    """Read what `write` wrote."""
    return [_parsed(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]


def text(ts_us: int) -> str:
    """Microseconds since 1970 as ISO 8601 UTC."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ts_us)).isoformat(timespec="microseconds")


def found(truth: Truth, episodes: Iterable[Mapping[str, Any]], *, tolerance_us: int = 2_000_000) -> bool:
    """Whether an episode names a fault: same asset and subject, time overlaps, and a sensor that shows it contributes.

    Args:
        truth: the fault.
        episodes: mappings with asset, subject, start, last (microseconds), sensors (ids), grouped (assets, 0 for one).
        tolerance_us: how much earlier than the fault an episode may begin and still be it (a silent sensor's begins with
            its last reading).
    """
    return any(_matches(truth, episode, tolerance_us) for episode in episodes)


def _matches(truth: Truth, episode: Mapping[str, Any], tolerance_us: int) -> bool:
    same_asset = episode["grouped"] > 0 or episode["asset"] == truth.asset
    not_before = min(episode["start"], episode["last"]) >= truth.start - tolerance_us
    not_after = truth.end is None or episode["start"] <= truth.end
    seen = not set(truth.sensors).isdisjoint(episode["sensors"])
    return same_asset and episode["subject"] == truth.subject and not_before and not_after and seen


def _truth(fault: Fault, layout: Layout, live_us: int) -> Truth:
    start = live_us + round(fault.start_s * 1e6)
    end = None if fault.duration_s is None else start + round(fault.duration_s * 1e6)
    return Truth(fault.asset, fault.sensor, fault.kind, fault.subject, start, end, tuple(affected(fault, layout)))


def _parsed(line: dict[str, Any]) -> Truth:
    times = {name: None if line[name] is None else _microseconds(line[name]) for name in ("start", "end")}
    return Truth(**{**line, **times, "sensors": tuple(line["sensors"])})


def _microseconds(iso: str) -> int:
    return (datetime.fromisoformat(iso) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
