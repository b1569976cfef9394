"""The demo from the first simulated reading to the verdict."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from confluent_kafka import KafkaException

from cli.look import Look, Observer
from cli.screen import checked, line, panels
from simulator import announce, stage
from simulator.drive import Drive
from simulator.publish import Publisher, now_us
from simulator.truth import Truth, found, tell, write
from streams.topics import RAW

if TYPE_CHECKING:
    from settings import Settings
    from store.ledger import Balance

HISTORY_H = 2.0
HISTORY_PERIOD_US, PERIOD_US = 10_000_000, 1_000_000
LOOK_S, LINE_S = 1.0, 5.0  # between two looks, between two lines where no terminal is
FIRST_ROW_S, SETTLE_S = 120.0, 60.0
FOUND_S = 60.0  # a machine fault and a sensor fault must be open this soon after the live part began


@dataclass(slots=True)
class Show:
    """One run of the demo on a platform that is up.

    Attributes:
        settings: the platform.
        seed: of the plant.
        seconds: length of the live part; None: until `stop`.
        stop: ends the live part.
        began: monotonic clock when the user asked for the demo.
    """

    settings: "Settings"
    seed: int
    seconds: float | None
    stop: threading.Event
    began: float
    live_us: int = field(init=False)
    truths: list[Truth] = field(init=False)
    _drive: Drive = field(init=False)
    _observer: Observer = field(init=False)
    _past: str = field(init=False, default="")
    _late_s: float = field(init=False, default=0.0)  # how long the past took
    _seen: dict[Truth, float] = field(init=False, default_factory=dict)  # seconds from a fault's begin until it was seen open

    def __post_init__(self) -> None:
        self.live_us = now_us()
        plant = stage.plant(seed=self.seed, live_us=self.live_us, run=self._count())
        self.truths = tell(plant.plan, plant.layout, self.live_us)
        self._drive = Drive(plant, Publisher(self.settings), stop=self.stop)
        self._observer = Observer(self.settings, self.live_us)

    @property
    def folder(self) -> Path:
        """Where the truth and the number of runs are kept."""
        return self.settings.home / "demo"

    def run(self) -> bool:
        """Simulate, watch, judge; whether the ledger balances and the faults were found."""
        write(self.folder / "truth.jsonl", self.truths)
        stored = self._observer.balance().stored
        with ThreadPoolExecutor(1) as pool:
            acting = pool.submit(self._act)
            try:
                self._await_first_row(acting, stored)
                self._watch(acting)
            finally:
                self.stop.set()
        acting.result()
        return self._judge()

    def _act(self) -> None:
        """The plant's life: its past, then live."""
        drive, layout = self._drive, self._drive.plant.layout
        drive.outlet.check(RAW)
        announce.catalogue(drive.outlet, announce.installed(layout, version=self.live_us, period_s=PERIOD_US / 1e6))
        drive.history(hours=HISTORY_H, period_us=HISTORY_PERIOD_US, progress=self._note)
        self._late_s = self.elapsed_s
        spoiled = stage.spoiled(layout, self.live_us)
        drive.outlet.send(RAW, [value for _, value in spoiled], [key for key, _ in spoiled])
        drive.live(period_us=PERIOD_US, seconds=None if self.seconds is None else self.seconds + self._late_s)
        drive.finish(ended=True)

    def _count(self) -> int:
        """Which run of the demo on this platform this is."""
        path = self.folder / "runs"
        number = int(path.read_text(encoding="utf-8")) + 1 if path.exists() else 1
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(str(number), encoding="utf-8")
        return number

    def _note(self, done: int, total: int) -> None:
        self._past = "" if done == total else f", simulated past {done / total:.0%}"

    def _await_first_row(self, acting: "Future[None]", stored: int) -> None:
        until = time.monotonic() + FIRST_ROW_S
        while not acting.done() and time.monotonic() < until:
            if self._observer.balance().stored > stored:
                print(f"first row stored {time.monotonic() - self.began:.1f} s after the start")
                return
            wait([acting], timeout=0.1)

    def _watch(self, acting: "Future[None]") -> None:
        with screen() as show:
            while not acting.done():
                try:
                    look = self._observer.look()
                    self._recognise([item for item in look.episodes if item["open"]])
                    show(look, self)
                except (psycopg.Error, KafkaException) as error:
                    print(f"no answer just now: {error}")
                wait([acting], timeout=LOOK_S)

    def _recognise(self, opened: list[dict[str, Any]]) -> None:
        """Note which faults an open episode names for the first time."""
        for truth in self.begun():
            if truth not in self._seen and found(truth, opened):
                self._seen[truth] = (now_us() - truth.start) / 1e6

    @property
    def elapsed_s(self) -> float:
        """Seconds since the live part began."""
        return (now_us() - self.live_us) / 1e6

    def title(self) -> str:
        """What happens now."""
        end = "Ctrl-C ends it" if self.seconds is None else f"of {self.seconds:.0f} s"
        live = f"live for {max(self.elapsed_s - self._late_s, 0):.0f} s{self._past}"
        return f"{stage.ASSETS} assets with {stage.SENSORS} sensors each, {live} — {end}"

    def begun(self) -> list[Truth]:
        """Faults that have begun."""
        return [truth for truth in self.truths if truth.start <= now_us()]

    def notes(self) -> list[str]:
        """How to reach database and dashboards."""
        grafana = os.environ.get("GRAFANA_URL")
        dashboards = (
            f"{grafana} (`maint dashboards publish` puts them there)"
            if grafana
            else "no Grafana is configured: docs/operations.md has a compose file that brings one, "
            "or set GRAFANA_URL to yours and run `maint dashboards publish`"
        )
        return [
            f"database    MAINT_HOME='{self.settings.home}' maint sql",
            f"dashboards  {dashboards}",
            f"truth       {self.folder / 'truth.jsonl'}",
        ]

    def _judge(self) -> bool:
        settled, total = self._observer.settled(SETTLE_S)
        episodes = self._observer.episodes()
        self._observer.close()
        report(total, self.begun(), self._seen, episodes)
        problems = [f"the ledger does not balance: {problem}" for problem in total.problems]
        problems += [] if settled else [f"{total.in_flight} records are still in flight after {SETTLE_S:.0f} s"]
        if self.seconds is not None:
            problems += unseen(self._seen, self.live_us + round(self._late_s * 1e6))
        for problem in problems:
            print(f"FAILED: {problem}")
        return not problems


@contextmanager
def screen() -> Iterator[Callable[[Look, Show], None]]:
    """Something that shows a look: panels on a terminal, a line every few seconds elsewhere."""
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if not console.is_terminal:
        yield Lines()
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda look, show: live.update(panels(look, show.begun(), title=show.title(), notes=show.notes()), refresh=True)


class Lines:
    """Prints a look as a line, but not every one."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, look: Look, show: Show) -> None:
        """Print, if the last line is old enough."""
        if time.monotonic() - self._last >= LINE_S:
            self._last = time.monotonic()
            print(line(look, show.elapsed_s), flush=True)


def delay_s(truth: Truth, episodes: Sequence[dict[str, Any]]) -> float | None:
    """Seconds from the begin of a fault until the record that opened its episode reached Kafka; None: no episode names it."""
    opened = [item["opened_us"] for item in episodes if found(truth, [item])]
    return (min(opened) - truth.start) / 1e6 if opened else None


def unseen(seen: Mapping[Truth, float], live_us: int) -> list[str]:
    """What must have been open in the first minute of the live part, and was not.

    Args:
        seen: seconds from the begin of a fault until it was seen open.
        live_us: when live readings began to flow.
    """
    subjects = {truth.subject for truth, seconds in seen.items() if (truth.start - live_us) / 1e6 + seconds <= FOUND_S}
    return [f"no {subject} fault was open within {FOUND_S:.0f} s" for subject in ("machine", "sensor") if subject not in subjects]


def report(total: "Balance", truths: Sequence[Truth], seen: Mapping[Truth, float], episodes: Sequence[dict[str, Any]]) -> None:
    """The summary at the end."""
    from rich.console import Console

    Console(width=None if os.isatty(1) else 120).print(checked((truth, delay_s(truth, episodes), seen.get(truth)) for truth in truths))
    other = [item for item in episodes if not any(found(truth, [item]) for truth in truths)]
    names = "; ".join(f"{item['asset']} {item['subject']} {item['kind']}" for item in other)
    print(f"episodes that are no simulated fault: {len(other)}{' (' + names + ')' if other else ''}")
    outcomes = ("stored", "corrected", "duplicate", "rejected", "mark", "void", "expired", "in_flight")
    parts = " + ".join(f"{getattr(total, name)} {name}" for name in outcomes if getattr(total, name))
    print(f"ledger: {total.received} received = {parts}; {'balanced' if total.balanced else 'NOT BALANCED'}")
