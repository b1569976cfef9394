"""The truth of a plant, in a file beside its stream: what failed, what wore, which instruments lied, what work was done.

One JSON object a line, with machine, event and times in hours since the begin of the plan. Nothing of the data plane reads it.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from simulator.life.machine import HOUR_S
from simulator.life.plant import Unit


def tell(what: Unit) -> Iterator[dict[str, Any]]:
    """All that happened to a machine."""
    history = what.history
    for failure in history.failures:
        mode = failure.mode
        named = {"mode": mode.name, "item": mode.item, "kind": mode.kind, "channels": sorted(mode.effects or ())}
        yield {"machine": what.name, "event": "failure", **named, "sign_h": failure.sign_h, "fail_h": failure.fail_h}
    for spell in history.spells:
        yield {"machine": what.name, "event": "wear", "mode": spell.mode.name, "begin_h": spell.sign_h, "end_h": spell.end_h}
    for work in history.work:
        told = {"item": work.item, "activity": work.activity, "hour": work.hour, "logged_h": work.logged_h, "misplaced": work.misplaced}
        yield {"machine": what.name, "event": "work", **told}
    for trouble in what.troubles:
        begin_h, end_h = trouble.begin_s / HOUR_S, trouble.end_s / HOUR_S
        sensor = what.sensors[trouble.channel]
        yield {"machine": what.name, "event": "instrument", "kind": trouble.kind, "sensor": sensor, "begin_h": begin_h, "end_h": end_h}


def write(path: Path, units: Iterable[Unit]) -> None:
    """Write the truth of a fleet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for what in units:
            file.writelines(json.dumps(line) + "\n" for line in tell(what))
