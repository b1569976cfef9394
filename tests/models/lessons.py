"""Recipes for the tests of retraining; another process imports them by name."""

import os
import subprocess
import sys
import time
from pathlib import Path

from models.recipe import Trained
from tests.models import sample


def better(_: Path, seed: int) -> Trained:
    return sample.light("wear", value=0.9, seed=seed + 1)


def worse(_: Path, seed: int) -> Trained:
    return sample.light("wear", value=0.7, seed=seed + 1)


def same(_: Path, seed: int) -> Trained:
    return sample.light("wear", value=0.8, seed=seed)


def raises(_: Path, seed: int) -> Trained:
    raise ValueError(f"seed {seed} does not converge")


def ends(_: Path, seed: int) -> Trained:
    os._exit(seed)  # says that all is well, and made nothing


def slow(folder: Path, _: int) -> Trained:
    """Starts a process of its own and hangs."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "child").write_text(str(child.pid))
    time.sleep(600)
    raise AssertionError
