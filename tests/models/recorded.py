"""Where the tests find the recorded data sets, which are not shipped."""

import os
from pathlib import Path

import pytest

from models.datasets import DATASETS

DATA = os.environ.get("MAINT_DATA")  # read before the environment is cleaned for the tests


def recorded(name: str) -> Path:
    """Folder of a data set below MAINT_DATA, or below ../shared/data beside the repository; without it the test is skipped."""
    folder = Path(DATA or Path(__file__).parents[2] / "../shared/data").resolve() / DATASETS[name].folder
    if not folder.is_dir():
        pytest.skip(f"no data set {folder.name}: name the folder that holds it in MAINT_DATA")
    return folder
