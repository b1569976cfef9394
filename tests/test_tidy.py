"""Style as tests: sizes, import arrows, words that do not belong here."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "api",
    "bench",
    "catalogue",
    "bridge",
    "cli",
    "grafana",
    "models",
    "processors",
    "report",
    "schemas",
    "settings",
    "simulator",
    "sinks",
    "stack",
    "store",
    "streams",
    "telemetry",
)
LINES_MAX = 300
FUNCTION_LINES_MAX = 70
KERNELS = {"schemas/kernel.py:read_rows"}  # one loop by design: a call per reading would cost more than the work
ARROWS = {  # what a room may import of ours
    "schemas": set(),
    "settings": set(),
    "telemetry": {"settings"},
    "processors": {"schemas"},
    "catalogue": {"schemas", "processors"},
    "models": {"settings", "telemetry", "schemas", "processors", "store"},
    "store": {"settings", "telemetry", "catalogue"},
    "sinks": {"settings", "telemetry", "schemas", "processors", "store", "streams"},
    "streams": {"settings", "telemetry", "schemas", "processors", "store", "models"},
    "simulator": {"settings", "telemetry", "schemas", "streams", "processors"},
    "stack": {"settings", "telemetry"},
    "grafana": {"settings"},
    "report": {"processors", "catalogue"},
    "bridge": {"settings", "telemetry", "schemas", "processors", "catalogue", "streams"},
}


def files(*suffixes: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name.endswith(suffixes)]
    return [path for path in paths if path.exists()]


PYTHON = files(".py")


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES_MAX


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    begin = (first.end_lineno if documented else node.lineno) or node.lineno
    return (node.end_lineno or begin) - begin


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_fits_on_a_page(path: Path) -> None:
    long = {f"{room(path)}/{path.name}:{node.name}" for node in functions(path) if code_lines(node) > FUNCTION_LINES_MAX}
    assert long <= KERNELS


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found & set(ROOMS)


@pytest.mark.parametrize("name", sorted(ARROWS))
def test_arrows_point_one_way(name: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): extra for path in PYTHON if room(path) == name and (extra := imports(path) - ARROWS[name] - {name})
    }
    assert not wrong


def test_truth_is_sealed() -> None:
    assert not [path for path in PYTHON if room(path) in {"streams", "processors", "sinks", "store"} and "simulator" in imports(path)]


def test_pure_rooms_touch_nothing_outside() -> None:
    forbidden = re.compile(r"^\s*(?:import|from) (confluent_kafka|faust|aiokafka|psycopg|os|time|random|socket|pathlib)\b", re.MULTILINE)
    pure = [path for path in PYTHON if room(path) in {"processors", "catalogue", "report"}]
    assert not {path.name: hit.group() for path in pure if (hit := forbidden.search(path.read_text()))}


def test_only_the_codec_knows_avro() -> None:
    assert not [
        path
        for path in PYTHON
        if room(path) in ROOMS
        and room(path) != "schemas"
        and re.search(r"^\s*(import|from) (fastavro|avro)\b", path.read_text(), re.MULTILINE)
    ]


def test_no_room_is_a_drawer() -> None:
    assert not [path for path in PYTHON if path.stem in {"utils", "util", "common", "core", "base", "helpers", "misc"}]


def test_nothing_of_this_machine() -> None:
    path_like = re.compile(r"(^|[^A-Za-z0-9_./-])/(work|farm|root)/[A-Za-z.]", re.MULTILINE)
    texts = [path for path in files(".py", ".md", ".toml", ".yml", ".yaml", ".json", "Makefile", ".sql") if path != Path(__file__)]
    assert not [path.name for path in texts if path_like.search(path.read_text())]


def test_locks_hold_no_addresses() -> None:
    assert not [path.name for path in files(".lock") if "://" in path.read_text()]
