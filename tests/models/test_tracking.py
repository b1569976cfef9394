import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.registry import Registry
from models.tracking import RegistryError, asked
from settings import load

LOOK = "from models.registry import Registry; from settings import load; print(len(Registry(load()).versions()))"


def test_two_processes_share_a_fresh_home(tmp_path: Path) -> None:
    """Both begin at the same moment; without a lock MLflow's migrations spoil each other."""
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"} | {"MAINT_HOME": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", LOOK]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [each.communicate(timeout=300) for each in both]
    assert [each.returncode for each in both] == [0, 0], told
    assert [out.strip() for out, _ in told] == ["0", "0"]


def test_a_process_that_makes_tables_for_ever_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.tracking.TABLES_S", 0.1)
    monkeypatch.setattr("models.tracking._locked", lambda _: False)
    with pytest.raises(RegistryError, match="another process has been making its tables"):
        Registry(load(home=tmp_path))


def test_a_server_that_is_away_is_told_with_the_remedy(tmp_path: Path) -> None:
    away = Registry(load(home=tmp_path, mlflow_tracking_uri="http://127.0.0.1:9"))
    with pytest.raises(RegistryError, match=r"^http://127\.0\.0\.1:9: MLflow does not answer.*`maint up`.*MLFLOW_TRACKING_URI.*refused"):
        away.versions()


def test_other_errors_are_told_as_they_are() -> None:
    with pytest.raises(RegistryError, match=r"^host: ValueError: no$"), asked("host"):
        raise ValueError("no")
