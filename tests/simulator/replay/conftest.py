import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the recorded data sets: MAINT_DATA, or ../shared/data beside the repository."""
    return Path(DATA or Path(__file__).parents[3] / "../shared/data").resolve()


DATA = os.environ.get("MAINT_DATA")  # read before the environment is cleaned for the tests
