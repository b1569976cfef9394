"""All dashboards, and how they become files."""

from pathlib import Path

import orjson

from grafana import pipeline, plant, sensor
from grafana.board import Board

BOARDS: tuple[Board, ...] = (plant.BOARD, sensor.BOARD, pipeline.BOARD)
FOLDER = Path(__file__).parent / "dashboards"


def rendered() -> dict[str, bytes]:
    """File name to Classic JSON, the same bytes for the same code."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return {f"{board.uid}.json": orjson.dumps(board.model(), option=options) for board in BOARDS}


def export(folder: Path) -> list[Path]:
    """Write every dashboard into `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, content in rendered().items():
        (folder / name).write_bytes(content)
        files.append(folder / name)
    return files
