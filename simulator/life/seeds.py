"""The committed seeds of both plants, and how often each was looked at."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

COMMITTED = Path(__file__).with_name("seeds.toml")


class SeedError(Exception):
    """The file of seeds cannot be read or lacks the variant; the message names it."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Seed of a variant's plant and looks so far."""

    seed: int
    looks: int


def read(variant: str, path: Path = COMMITTED) -> Seeds:
    """The seeds of a variant.

    Raises:
        SeedError: no file, or not of the form of the committed one.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))[variant]
        return Seeds(int(found["seed"]), int(found["looks"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SeedError(f"{path}: no seeds of variant {variant}: [{variant}] with seed and looks ({error})") from None


def count(variant: str, path: Path = COMMITTED) -> int:
    """Write one look more into the file; returns the new number."""
    looks = read(variant, path).looks + 1
    text = path.read_text(encoding="utf-8")
    section = re.compile(rf"(\[{variant}\][^\[]*?looks = )\d+", re.DOTALL)
    path.write_text(section.sub(rf"\g<1>{looks}", text, count=1), encoding="utf-8")
    return looks
