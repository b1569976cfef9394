import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from stack import orphans
from stack.instance import MARKER, Instance

POLITE = "import time; print('up', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {POLITE}"


@contextmanager
def sleeper(home: Path | None, code: str = POLITE) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **({MARKER: str(home)} if home else {})}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def test_only_processes_of_the_instance_are_found(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "mine")
    with sleeper(instance.home) as mine, sleeper(tmp_path / "other") as other, sleeper(None) as foreign:
        assert [process.pid for process in orphans.find(instance)] == [mine.pid]
        assert orphans.end(orphans.find(instance)) == 1
        assert not psutil.pid_exists(mine.pid) or psutil.Process(mine.pid).status() == psutil.STATUS_ZOMBIE
        assert other.poll() is None
        assert foreign.poll() is None


def test_a_deaf_process_is_killed(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "mine")
    with sleeper(instance.home, DEAF) as mine:
        orphans.end(orphans.find(instance), patience_s=0.2)
        mine.wait(timeout=5)


def test_we_are_no_orphans_of_ourselves(tmp_path: Path) -> None:
    code = f"from stack import orphans; from stack.instance import Instance; print(orphans.find(Instance({str(tmp_path)!r})))"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, MARKER: str(tmp_path), "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == "[]"
