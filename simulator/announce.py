"""What a source says besides readings: what its sensors are, where its history ends, and that its stream has ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.codec import encode
from simulator.plant import Layout
from simulator.publish import Outlet
from streams.marks import subject
from streams.topics import CATALOGUE, RAW


@dataclass(frozen=True, slots=True)
class Tag:
    """One sensor of a source, as far as the source knows it."""

    asset_id: str
    sensor_id: str
    quantity: str | None = None
    unit: str | None = None
    period_s: float | None = None


def history(outlet: Outlet, before_us: Mapping[str, int]) -> None:
    """Declare readings before a time historical, per asset; stands in front of them in their partition.

    Args:
        outlet: where to.
        before_us: asset id -> event time in microseconds.
    """
    marks = ({"kind": "history", "version": ts, "subject": f"asset/{asset}", "ts": ts} for asset, ts in before_us.items())
    outlet.send(RAW, [encode("Mark", mark) for mark in marks], [asset.encode() for asset in before_us])


def end(outlet: Outlet, assets: Iterable[str], version: int) -> None:
    """Say that the streams of these assets have ended: their windows close and their silence is no news.

    Args:
        outlet: where to.
        assets: asset ids.
        version: greater than that of any earlier end of these assets; the current time in microseconds serves.
    """
    names = list(assets)
    values = [encode("Mark", {"kind": "end", "version": version, "subject": f"asset/{name}"}) for name in names]
    outlet.send(RAW, values, [name.encode() for name in names])


def catalogue(outlet: Outlet, entries: Sequence[Mapping[str, Any]]) -> None:
    """Publish catalogue entries, each under its own key."""
    keys = [subject(entry).encode() for entry in entries]
    outlet.send(CATALOGUE, [encode("CatalogueEntry", entry) for entry in entries], keys)


def described(tags: Iterable[Tag], *, version: int) -> list[dict[str, Any]]:
    """Catalogue entries of recorded sensors."""
    return [
        {
            "kind": "sensor",
            "version": version,
            "asset_id": tag.asset_id,
            "sensor_id": tag.sensor_id,
            "quantity": tag.quantity,
            "unit": tag.unit,
            "reporting": "unknown" if tag.period_s is None else "periodic",
            "period_s": tag.period_s,
        }
        for tag in tags
    ]


def installed(layout: Layout, *, version: int, period_s: float) -> list[dict[str, Any]]:
    """Catalogue entries of a simulated plant: assets, then sensors."""
    assets = [
        {
            "kind": "asset",
            "version": version,
            "asset_id": name,
            "path": f"example/site/area/{gateway}",
            "site": "site",
            "class": machine.name,
        }
        for name, machine, gateway in zip(layout.assets, layout.machines, layout.gateways, strict=True)
    ]
    return [*assets, *(_sensor(layout, number, version, period_s) for number in range(len(layout.sensors)))]


def _sensor(layout: Layout, number: int, version: int, period_s: float) -> dict[str, Any]:
    sensor = layout.sensors[number]
    channel = sensor.channel
    limits = dict(zip(("limit_ll", "limit_l", "limit_h", "limit_hh"), channel.limits, strict=True))
    return {
        "kind": "sensor",
        "version": version,
        "asset_id": layout.assets[sensor.asset],
        "sensor_id": sensor.sensor_id,
        "class": channel.name,
        "gateway": layout.gateways[sensor.asset],
        "quantity": channel.quantity,
        "unit": channel.unit,
        "range_low": channel.low,
        "range_high": channel.high,
        **limits,
        "deadband": channel.noise * 2,
        "resolution": channel.resolution,
        "reporting": "periodic",
        "period_s": period_s,
    }
