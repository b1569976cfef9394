"""maint simulate: a plant that wears out, with the truth written beside the stream."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import AsJson, print_json
from cli.progress import bar, complain
from cli.up import interruption

if TYPE_CHECKING:
    from simulator.drive import Drive
    from simulator.fault import Fault
    from simulator.plant import Layout

DRAWN_OVER_S = 600.0  # faults are drawn over this time when the run has no end

EXAMPLES = """Examples:

maint simulate --seconds 60 — 20 machines with 6 sensors at 1 Hz, faults drawn from the seed

maint simulate --history 2 --seconds 300 — two hours of simulated past first, marked historical

maint simulate --assets 1000 --rate 100000 — so many readings a second, if the broker takes them

maint simulate --plan faults.json --truth truth.jsonl --history 2 --seconds 900
"""


def simulate(  # noqa: PLR0913, PLR0917  a command's options are its interface
    assets: Annotated[int, typer.Option(min=1, help="Machines in the plant.")] = 20,
    sensors: Annotated[int, typer.Option(min=1, help="Sensors of each machine.")] = 6,
    gateways: Annotated[int, typer.Option(min=1, help="Gateways the machines are spread over.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same plant, same faults, same noise.")] = 1,
    period: Annotated[float, typer.Option(min=1e-6, help="Seconds between two readings of a sensor.")] = 1.0,
    rate: Annotated[float | None, typer.Option(min=1e-3, help="Readings a second in all; sets the period instead.")] = None,
    history: Annotated[float, typer.Option(min=0, help="Hours of simulated past, published first and marked historical.")] = 0.0,
    history_period: Annotated[
        float | None, typer.Option(min=1e-3, help="Seconds between readings in the past (default: the period).")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Length of the live part (default: until Ctrl-C).")] = None,
    plan: Annotated[Path | None, typer.Option(help="Fault plan (JSON, see docs/simulation.md; default: drawn from the seed).")] = None,
    healthy: Annotated[bool, typer.Option("--healthy", help="No faults at all.")] = False,
    truth: Annotated[Path | None, typer.Option(help="File for the truth, one JSON object a line.")] = None,
    catalogue: Annotated[bool, typer.Option(help="Tell the catalogue what the sensors are.")] = True,
    end: Annotated[bool, typer.Option(help="Say at the end that the streams are over; else the sensors just fall silent.")] = True,
    as_json: AsJson = False,
) -> None:
    """Publish the readings of a simulated plant, its past first, then live at the pace of the clock."""
    from settings import load
    from simulator.drive import Drive
    from simulator.plant import Layout, Plant
    from simulator.publish import Publisher, now_us, summary

    with complain(), interruption() as stop:
        period_us = max(1, round((assets * sensors / rate if rate else period) * 1e6))
        layout = Layout(assets=assets, sensors=sensors, gateways=gateways)
        faults = _faults(layout, plan, seed=seed, seconds=seconds, healthy=healthy)
        publisher, began = Publisher(load()), time.monotonic()
        drive = Drive(Plant(layout, seed=seed, live_us=now_us(), plan=faults), publisher, stop=stop)
        _prepare(drive, truth, period_s=period_us / 1e6, catalogue=catalogue)
        if history:
            _history(drive, history, round((history_period or period_us / 1e6) * 1e6))
        drive.live(period_us=period_us, seconds=seconds)
        drive.finish(ended=end)
        result: dict[str, int | float] = {"assets": assets, "sensors": len(layout.sensors), "faults": len(faults), "readings": drive.rows}
        result |= {**summary(publisher.sent, time.monotonic() - began), "behind_s": round(drive.behind_s, 3)}
    _show(result, as_json=as_json)


def _faults(layout: "Layout", plan: Path | None, *, seed: int, seconds: float | None, healthy: bool) -> "list[Fault]":
    from simulator.fault import draw, read_plan

    if healthy:
        return []
    return read_plan(plan) if plan else draw(layout.failing, seed=seed, seconds=seconds or DRAWN_OVER_S)


def _prepare(drive: "Drive", path: Path | None, *, period_s: float, catalogue: bool) -> None:
    from simulator import announce, truth
    from streams.topics import RAW

    drive.outlet.check(RAW)
    plant = drive.plant
    if path:
        truth.write(path, truth.tell(plant.plan, plant.layout, plant.live_us))
    if catalogue:
        announce.catalogue(drive.outlet, announce.installed(plant.layout, version=plant.live_us, period_s=period_s))


def _history(drive: "Drive", hours: float, period_us: int) -> None:
    with bar("simulated past", unit="readings") as advance:
        drive.history(hours=hours, period_us=period_us, progress=advance)


def _show(result: dict[str, int | float], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    print(
        f"{result['readings']} readings of {result['sensors']} sensors ({result['faults']} faults) in {result['seconds']} s: "
        f"{result['records_per_s']} records/s, {result['behind_s']} s behind the clock at the end"
    )
