"""NASA C-MAPSS turbofan engines, subsets FD001 to FD004: training engines run to failure, test engines are cut off before."""

from pathlib import Path
from typing import Final

import numpy as np
from sklearn.model_selection import GroupKFold

from models.datasets import DataError
from models.datasets.source import find, published, text
from models.table import FloatArray, IntArray, Table

SETTINGS: Final = ("altitude_kft", "mach", "throttle_pct")
SENSORS: Final = (
    *("t2_degr", "t24_degr", "t30_degr", "t50_degr", "p2_psia", "p15_psia", "p30_psia", "nf_rpm", "nc_rpm", "epr", "ps30_psia"),
    *("phi_pps_psi", "nrf_rpm", "nrc_rpm", "bpr", "far_b", "ht_bleed", "nf_demand_rpm", "pcnfr_demand_rpm", "w31_lbm_s", "w32_lbm_s"),
)
TARGET: Final = "rul_cycles"
SUBSETS: Final = ("FD001", "FD002", "FD003", "FD004")
ENGINES: Final = {"FD001": (100, 100), "FD002": (260, 259), "FD003": (100, 100), "FD004": (249, 248)}  # training, test
PUBLISHED: Final = {  # of the other two no checksum of the numbers is known: engines are counted
    "FD001": "f7d78633c6e84f2d1789d6ccc9795b92d98f355f909c112daff2c1bf170e8c79",
    "FD002": "9fe2ac52372ef5878d546db065942145a4676db755e41b7cbe572624bbd64e4d",
}
FOLDS: Final = 5


def load(folder: Path) -> Table:
    """Rows of all subsets in the folder, training and test; units are named like `FD001/train/1`.

    Raises:
        DataError: no subset is there, or a file is missing, damaged or not the published content.

    """
    parts: dict[str, Table] = {}
    for name in SUBSETS:
        if any((folder / f"train_{name}.txt{ending}").is_file() for ending in ("", ".gz")):
            parts |= dict(zip((f"{name}/train", f"{name}/test"), subset(folder, name), strict=True))
    if not parts:
        raise DataError(f"{folder.name}: no train_FD001.txt to train_FD004.txt, plain or .gz; download C-MAPSS again")
    first = np.cumsum([0, *(len(part.units) for part in parts.values())])
    tables = list(parts.values())
    return Table(
        {name: np.concatenate([part.features[name] for part in tables]) for name in (*SETTINGS, *SENSORS)},
        {TARGET: np.concatenate([part.targets[TARGET] for part in tables])},
        np.concatenate([part.unit + before for part, before in zip(tables, first, strict=False)]),
        np.concatenate([part.time for part in tables]),
        "cycle",
        tuple(f"{name}/{unit}" for name, part in parts.items() for unit in part.units),
    )


def subset(folder: Path, name: str) -> tuple[Table, Table]:
    """Training and test engines of one subset; target: cycles until the failure, of test engines by the published file.

    Raises:
        DataError: a file is missing, damaged or not the published content.

    """
    train, test = (_rows(find(folder, f"{part}_{name}.txt")) for part in ("train", "test"))
    path = find(folder, f"RUL_{name}.txt")
    left = _numbers(path, 1)[:, 0]
    engines = tuple(len(np.unique(rows[:, 0])) for rows in (train, test))
    if engines[1] != len(left) or ENGINES.get(name, engines) != engines:
        expected = ENGINES.get(name, (engines[0], len(left)))
        raise DataError(f"{path.name}: {engines} training and test engines, expected {expected}, {len(left)} lives; download {name} again")
    if name in PUBLISHED:
        published({"train": train, "test": test, "left": left}, PUBLISHED[name], name)
    return _table(train, np.zeros(engines[0])), _table(test, left)


def folds(table: Table, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Rows of four fifths of the engines to train on and of the others to judge on, five times."""
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=1 + seed)
    return [(train, test) for train, test in splitter.split(table.unit, groups=table.unit)]


def ends(table: Table) -> IntArray:
    """Number of the last row of each engine."""
    return np.append(np.flatnonzero(np.diff(table.unit)), len(table) - 1)


def _rows(path: Path) -> FloatArray:
    rows = _numbers(path, 2 + len(SETTINGS) + len(SENSORS))
    fresh = np.append(True, np.diff(rows[:, 0]) != 0)
    expected = np.where(fresh, 1.0, np.append(0.0, rows[:-1, 1]) + 1.0)
    wrong = np.flatnonzero(rows[:, 1] != expected)
    if len(wrong):
        raise DataError(
            f"{path.name}: line {wrong[0] + 1}: cycle {rows[wrong[0], 1]:g}, expected {expected[wrong[0]]:g}; download it again"
        )
    return rows


def _numbers(path: Path, fields: int) -> FloatArray:
    try:
        rows = np.loadtxt(text(path).splitlines(), ndmin=2)
    except ValueError as error:
        raise DataError(f"{path.name}: {error}; download it again") from error
    if rows.shape[1:] != (fields,) or not np.isfinite(rows).all():
        raise DataError(f"{path.name}: {rows.shape[-1]} fields a line or gaps, expected {fields}; download it again")
    return rows


def _table(rows: FloatArray, left: FloatArray) -> Table:
    """Rows of engines of which each has `left` cycles to live after its last row."""
    names, unit = np.unique(rows[:, 0], return_inverse=True)
    last = np.bincount(unit)
    rul = (last + left)[unit] - rows[:, 1]
    features = {name: rows[:, 2 + k].copy() for k, name in enumerate((*SETTINGS, *SENSORS))}
    return Table(features, {TARGET: rul}, unit, rows[:, 1].copy(), "cycle", tuple(f"{name:g}" for name in names))
