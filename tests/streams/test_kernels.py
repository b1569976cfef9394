import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams import kernels


def test_the_folder_changes_with_any_source(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a = 1")
    two.write_text("b = 1")
    before = kernels.digest([one, two])
    assert kernels.digest([one, two]) == before
    two.write_text("b = 2")
    assert kernels.digest([one, two]) != before


def test_a_place_that_was_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.VARIABLE, "/somewhere")
    kernels.keep()
    assert os.environ[kernels.VARIABLE] == "/somewhere"


def test_folders_of_running_processes_stay(tmp_path: Path) -> None:
    folders = [tmp_path / f"kernels-{number}" for number in range(5)]
    for age, folder in enumerate(folders):
        folder.mkdir()
        os.utime(folder, (age, age))
    kernels.prune(tmp_path, folders[0])
    assert sorted(tmp_path.iterdir()) == [folders[0], folders[3], folders[4]]


def test_it_is_named_before_numba_is_there() -> None:
    early = "import sys; from streams import kernels, worker; assert 'numba' not in sys.modules; kernels.keep()"
    code = f"{early}; import numba; print(numba.config.CACHE_DIR)"
    root = Path(__file__).parents[2]
    environment = {name: value for name, value in os.environ.items() if name != kernels.VARIABLE}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=root)
    assert Path(found.stdout.strip()).name == f"kernels-{kernels.digest(kernels.sources())}"
