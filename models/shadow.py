"""The challenger in the champion's shadow: it answers the same live rows, and nobody waits for it or acts on it.

The record's path hands rows and answer over and goes on; where the queue is full the rows are dropped and counted. What is kept of
a pair of versions are sums, in a file that several processes add to and that outlives them: models/shadow.db below the home.
"""

import math
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Final

import numpy as np

from models.predictor import Predictor
from models.provenance import now
from models.quarantine import Quarantine
from models.runner import Runner
from models.table import FloatArray
from models.tracking import first_line, folder
from models.version import PASSED, Version
from settings import Settings

QUEUE: Final = 256  # batches that wait
FLUSH_S: Final = 10.0
LIMIT_S: Final = 1.0  # for a batch; then it failed
RETRY_S: Final = 60.0  # a challenger that failed rests, then twice as long, and so on
PAIRS: Final = 500  # newest kept in the file
BARS: Final = {"anomaly": 1.0, "classification": 0.5}  # of the first output, by task
ROWS_MIN: Final = 200  # before the gate asks the shadow
FAILED_MAX: Final = 0.01  # share of the rows
MORE_MAX, MORE_BESIDE = 2.0, 0.01  # alarms: times the champion's share, and this much more
SUMS: Final = ("rows", "compared", "failed", "dropped", "over_champion", "over_challenger", "disagree", "difference", "distance", "seconds")
CREATE: Final = f"""create table if not exists shadow (name text, champion integer, challenger integer, since text, last text,
  {" real default 0, ".join(SUMS)} real default 0, largest real default 0, primary key (name, champion, challenger))"""
ADD: Final = f"""insert into shadow (name, champion, challenger, since, last, {", ".join(SUMS)}, largest)
  values ({", ".join("?" * (len(SUMS) + 6))}) on conflict do update set last = excluded.last,
  {", ".join(f"{each} = {each} + excluded.{each}" for each in SUMS)}, largest = max(largest, excluded.largest)"""
PRUNE: Final = f"delete from shadow where rowid not in (select rowid from shadow order by last desc limit {PAIRS})"


@dataclass(slots=True)
class Figures:
    """Sums over the rows of one pair of versions; those after `failed` over rows that both answered with a number.

    Args:
        rows: offered.
        compared: of them, both answered with a number.
        failed: of them, the challenger raised, took too long, or rested for that.
        dropped: of them, the queue was full.
        over_champion: the champion was at or over the bar of its task.
        over_challenger: the challenger was.
        disagree: one was and the other was not.
        difference: sum of challenger less champion.
        distance: sum of its size.
        seconds: the challenger worked.
        largest: size of a difference.

    """

    rows: float = 0.0
    compared: float = 0.0
    failed: float = 0.0
    dropped: float = 0.0
    over_champion: float = 0.0
    over_challenger: float = 0.0
    disagree: float = 0.0
    difference: float = 0.0
    distance: float = 0.0
    seconds: float = 0.0
    largest: float = 0.0

    def told(self) -> dict[str, float | None]:
        """Counts, shares and means for people and programs; None where nothing was compared."""
        counts = {name: int(getattr(self, name)) for name in ("rows", "compared", "failed", "dropped")}
        shares = {name: self._mean(name) for name in ("over_champion", "over_challenger", "disagree", "difference", "distance")}
        return {**counts, **shares, "largest": self.largest, "row_us": self._mean("seconds", 1e6)}

    def _mean(self, name: str, unit: float = 1.0) -> float | None:
        return float(getattr(self, name)) * unit / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class Pair:
    """A champion and its challenger, ready to answer."""

    champion: Version
    challenger: Version
    model: Predictor

    @property
    def key(self) -> tuple[str, int, int]:
        """Of its figures."""
        return self.champion.name, self.champion.number, self.challenger.number


def place(settings: Settings) -> Path:
    """The file of the figures."""
    return folder(settings) / "shadow.db"


class Shadow:
    """Compares in a thread of its own; `offer` takes microseconds, whatever the challenger does.

    Args:
        path: of the figures.
        clock: seconds that never go back.

    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._queue: Queue[tuple[Pair, FloatArray, FloatArray] | None] = Queue(QUEUE)
        self._pairs: Mapping[str, Pair] = {}
        self._sums: dict[tuple[str, int, int], Figures] = {}
        self._lock = Lock()  # held for additions only
        self._runner, self._aside = Runner(), Quarantine(RETRY_S, clock)
        self._thread = Thread(target=self._run, name="shadow", daemon=True)

    def start(self) -> None:
        """Begin to compare."""
        self._thread.start()

    def exchange(self, pairs: Mapping[str, Pair]) -> None:
        """From now on these challengers are asked; by the digest of the champion."""
        self._pairs = pairs

    def pair(self, champion: str) -> Pair | None:
        """The pair of a champion's digest."""
        return self._pairs.get(champion)

    def offer(self, champion: str, rows: FloatArray, values: FloatArray) -> None:
        """Rows that a champion answered, by its digest. Never waits."""
        pair = self._pairs.get(champion)
        if pair is None:
            return
        try:
            self._queue.put_nowait((pair, rows, values))
        except Full:
            self._add(pair, Figures(rows=len(rows), dropped=len(rows)))

    def flush(self) -> None:
        """Add the sums to the file. A file that cannot be written is tried again the next time; the sums wait."""
        with self._lock:
            sums, self._sums = self._sums, {}
        if not sums:
            return
        moment = now()
        rows = [(*key, moment, moment, *(getattr(sums[key], name) for name in (*SUMS, "largest"))) for key in sums]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with closing(sqlite3.connect(self._path, timeout=5)) as file, file:
                file.execute(CREATE)
                file.executemany(ADD, rows)
                file.execute(PRUNE)
        except (OSError, sqlite3.Error):
            for key, figures in sums.items():
                self._sum(key, figures)

    def close(self, timeout_s: float = 10) -> None:
        """Compare what waits, write the figures, and end."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout_s)
        self.flush()
        self._runner.close()

    def _run(self) -> None:
        due = time.monotonic() + FLUSH_S
        while True:
            try:
                job = self._queue.get(timeout=max(due - time.monotonic(), 0.01))
            except Empty:
                job = None
            else:
                if job is None:
                    return
                self._add(job[0], self._compare(*job))
            if time.monotonic() >= due:
                self.flush()
                due = time.monotonic() + FLUSH_S

    def _compare(self, pair: Pair, rows: FloatArray, values: FloatArray) -> Figures:
        failed = Figures(rows=len(rows), failed=len(rows))
        if self._aside.reason(pair.challenger.digest):
            return failed
        began = time.perf_counter()
        try:
            answer = self._runner.run(lambda: pair.model.predict(rows), LIMIT_S)
            found = compare(answer, values, BARS.get(pair.champion.card.task, math.nan))
        except Exception as error:  # noqa: BLE001  whatever a model raises
            self._aside.put(pair.challenger.digest, first_line(error))
            return failed
        self._aside.release(pair.challenger.digest)
        found.seconds = time.perf_counter() - began
        return found

    def _add(self, pair: Pair, figures: Figures) -> None:
        self._sum(pair.key, figures)

    def _sum(self, key: tuple[str, int, int], more: Figures) -> None:
        with self._lock:
            own = self._sums.setdefault(key, Figures())
            for name in SUMS:
                setattr(own, name, getattr(own, name) + getattr(more, name))
            own.largest = max(own.largest, more.largest)


def compare(challenger: FloatArray, champion: FloatArray, bar: float) -> Figures:
    """Sums of the first outputs of both, (n, outputs) each.

    >>> found = compare(np.array([[1.2], [0.5]]), np.array([[0.9], [0.5]]), 1.0)
    >>> found.disagree, round(found.largest, 2), found.over_champion
    (1.0, 0.3, 0.0)

    Raises:
        ValueError: other shapes.

    """
    if challenger.shape != champion.shape:
        raise ValueError(f"answered with shape {challenger.shape}, not {champion.shape}")
    new, old = challenger[:, 0], champion[:, 0]
    both = np.isfinite(new) & np.isfinite(old)
    apart, over_new, over_old = (new - old)[both], new[both] >= bar, old[both] >= bar
    return Figures(
        rows=len(new),
        compared=float(both.sum()),
        over_champion=float(over_old.sum()),
        over_challenger=float(over_new.sum()),
        disagree=float((over_new != over_old).sum()),
        difference=float(apart.sum()),
        distance=float(np.abs(apart).sum()),
        largest=float(np.abs(apart).max(initial=0.0)),
    )


def figures(settings: Settings, name: str, champion: int, challenger: int) -> Figures | None:
    """What is known of a pair; None: nothing."""
    path = place(settings)
    if not path.exists():
        return None
    columns = ", ".join(each.name for each in fields(Figures))
    with closing(sqlite3.connect(path, timeout=5)) as file:
        file.execute(CREATE)
        row = file.execute(
            f"select {columns} from shadow where name = ? and champion = ? and challenger = ?", (name, champion, challenger)
        ).fetchone()
    return Figures(*row) if row else None


def verdict(found: Figures | None) -> str:
    """What the shadow says at the gate: "passed", also where it knows too little, or why not.

    >>> verdict(None), verdict(Figures(rows=300.0, failed=30.0))
    ('passed', 'shadow: failed on 10 % of 300 live rows')
    """
    if found is None or found.rows < ROWS_MIN:
        return PASSED
    if found.failed > FAILED_MAX * found.rows:
        return f"shadow: failed on {100 * found.failed / found.rows:.3g} % of {found.rows:.0f} live rows"
    if found.over_challenger > MORE_MAX * found.over_champion + MORE_BESIDE * found.compared:
        new, old = (100 * each / found.compared for each in (found.over_challenger, found.over_champion))
        return f"shadow: over its threshold on {new:.3g} % of the live rows, the champion on {old:.3g} %"
    return PASSED
