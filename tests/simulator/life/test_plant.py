import ast
import json
from pathlib import Path

import numpy as np
import pytest

from schemas.codec import encode
from simulator.life import seeds
from simulator.life.duty import YEAR_H, site
from simulator.life.entries import entries
from simulator.life.first import First
from simulator.life.machine import LOAD, SPEED, Variant
from simulator.life.plant import Fate, stream, unit
from simulator.life.second import Second
from simulator.life.truth import write

SITE = site(YEAR_H, 5)
VARIANTS = pytest.mark.parametrize("variant", [First(), Second()], ids=["A", "B"])
ROOT = Path(__file__).parents[3]


@VARIANTS
def test_the_same_seed_gives_the_same_bytes(variant: Variant) -> None:
    made = [stream(variant, SITE, unit(variant, SITE, 9, 1), begin_us=0, period_s=600) for _ in range(2)]
    assert made[0].value.tobytes() == made[1].value.tobytes()
    assert made[0].known_at.tobytes() == made[1].known_at.tobytes()


@VARIANTS
def test_readings_are_finite_and_within_their_instruments(variant: Variant) -> None:
    for number in range(len(variant.machines)):
        what = unit(variant, SITE, 9, number)
        sent = stream(variant, SITE, what, begin_us=0, period_s=600)
        assert np.isfinite(sent.value).all()
        for row, channel in enumerate(what.machine.channels):
            assert sent.value[sent.channel == row].min() >= 1.001 * min(channel.low, 0) - 1e-9
        assert (np.diff(sent.known_at) >= 0).all()
        assert (sent.known_at > sent.ts).all()


@VARIANTS
def test_a_machine_stands_runs_and_changes_its_load(variant: Variant) -> None:
    what = unit(variant, SITE, 9, 0, Fate(faultless=True))
    sent = stream(variant, SITE, what, begin_us=0, period_s=600)
    names = [channel.name for channel in what.machine.channels]
    speed, load = (sent.value[sent.channel == names.index(name)] for name in (SPEED, LOAD))
    assert 0.05 < np.mean(speed < 20) < 0.9
    assert len(np.unique(np.digitize(load[load > 5], [22, 48, 74]))) >= 3


@VARIANTS
def test_wear_shows_in_its_channel_and_names_tell_nothing(variant: Variant) -> None:
    words = {mode.name for machine in variant.machines for mode in machine.modes}
    for number in range(8):
        what = unit(variant, SITE, 9, number)
        told = json.dumps(list(entries(what, 200)))
        assert not [word for word in words if word in told]


def test_entries_are_valid_records() -> None:
    for entry in entries(unit(First(), SITE, 9, 0), 200):
        encode("Mark", {"kind": "catalogue", "version": 1, "subject": "", "entry": entry})


def test_the_variants_know_nothing_of_each_other_and_differ() -> None:
    for own, other in (("first", "second"), ("second", "first")):
        tree = ast.parse((ROOT / f"simulator/life/{own}.py").read_text())
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and other in node.module]
    modes = [{mode.name: mode for machine in variant.machines for mode in machine.modes} for variant in (First(), Second())]
    classes = [{machine.name for machine in variant.machines} for variant in (First(), Second())]
    assert len(modes[1].keys() - modes[0].keys()) >= 2
    assert classes[1] - classes[0]
    shapes = [{name: mode.growth.__name__ for name, mode in each.items() if mode.growth} for each in modes]  # type: ignore[attr-defined]
    assert sum(shapes[0][name] != shapes[1][name] for name in shapes[0].keys() & shapes[1].keys()) >= 3


def test_the_truth_stands_in_its_own_file(tmp_path: Path) -> None:
    units = [unit(First(), SITE, 9, number) for number in range(12)]
    write(tmp_path / "deep" / "truth.jsonl", units)
    lines = [json.loads(line) for line in (tmp_path / "deep" / "truth.jsonl").read_text().splitlines()]
    assert {line["event"] for line in lines} == {"failure", "wear", "work", "instrument"}


def test_looks_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "seeds.toml"
    path.write_text(seeds.COMMITTED.read_text())
    before = seeds.read("B", path)
    assert seeds.count("B", path) == before.looks + 1
    assert seeds.read("B", path) == seeds.Seeds(before.seed, before.looks + 1)
    assert seeds.read("A", path) == seeds.read("A")
    with pytest.raises(seeds.SeedError, match="no seeds of variant C"):
        seeds.read("C", path)
