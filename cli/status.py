"""maint status and maint logs: what runs, since when, what it says."""

import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import AsJson, print_json, print_rows
from cli.progress import complain

POLL_S = 0.25
GB = 1024**3

STATUS_EXAMPLES = """Examples:

maint status

maint status --json | jq '.services[] | select(.state != "running")'
"""
LOGS_EXAMPLES = """Examples:

maint logs — the last lines of every service

maint logs worker-data -f — follow one service
"""


def status(as_json: AsJson = False) -> None:
    """State of every process and dependency, disk used; exit code 1 when something is not in order."""
    from settings import load
    from stack.native import Stack

    with complain():
        found = Stack(load().home).status()
    if as_json:
        print_json({"ok": found.ok, **asdict(found)})
    else:
        print_rows([asdict(entry) for entry in found.services], as_json=False, empty="nothing was started here: `maint up`")
        print_rows([asdict(entry) for entry in found.dependencies], as_json=False, empty="no server is known")
        disk = found.disk
        print(f"disk: {disk.used / GB:.2f} of {disk.budget / GB:g} GB used, {disk.free / GB:.0f} GB free {disk.warning}".rstrip())
    raise typer.Exit(0 if found.ok else 1)


def logs(
    service: Annotated[str, typer.Argument(help="Name of a service; all when empty.")] = "",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("-n", min=0, help="Lines from the end to start with.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line: service, line.")] = False,
) -> None:
    """Last lines of the logs."""
    from settings import load

    folder = load().home / "logs"
    files = sorted(folder.glob(f"{service or '*'}.log"))
    if not files:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none"
        typer.echo(f"maint: no log of {service or 'any service'} in {folder}; known: {known}", err=True)
        raise typer.Exit(1)
    width = max(len(file.stem) for file in files)
    for name, line in _lines(files, lines, follow=follow):
        print(json.dumps({"service": name, "line": line}) if as_json else f"{name:{width}} | {line}", flush=follow)


def _lines(files: list[Path], count: int, *, follow: bool) -> Iterator[tuple[str, str]]:
    positions = {}
    for file in files:
        with file.open(errors="replace") as stream:
            yield from ((file.stem, line.rstrip()) for line in deque(stream, count))
            positions[file] = stream.tell()
    while follow:
        for file in files:
            yield from ((file.stem, line) for line in _news(file, positions))
        time.sleep(POLL_S)


def _news(file: Path, positions: dict[Path, int]) -> list[str]:
    """Whole lines since the last look; a rotated file is read from its start."""
    if not file.exists():
        return []
    start = positions[file] if file.stat().st_size >= positions[file] else 0
    with file.open("rb") as stream:
        stream.seek(start)
        whole, newline, _ = stream.read().rpartition(b"\n")
    positions[file] = start + len(whole) + len(newline)
    return whole.decode(errors="replace").splitlines()
