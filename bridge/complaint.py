"""What is wrong with a file of ours, for the person who wrote it: field, value, problem, remedy."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

import yaml
from pydantic_core import ErrorDetails

SHOWN: Final = 60  # characters of a value
EXAMPLES: Final[Mapping[str, str]] = MappingProxyType({
    "topic": 'topic: "plant/{line}/state"', "asset_id": 'asset_id: "{line}"', "sensor_id": 'sensor_id: "{line}.{/tag}"',
})  # fmt: skip
REMEDIES: Final[Mapping[str, str]] = MappingProxyType({  # by pydantic's type of error
    "string_type": "is no text: put it in quotes",
    "string_too_short": "is empty: fill it or take the line away",
    "int_type": "is no whole number: write it like 0 or 0x80000000",
    "int_parsing": "is no whole number: write it like 0 or 0x80000000",
    "int_from_float": "is no whole number: write it like 0 or 0x80000000",
    "tuple_type": "is no list: begin each entry with `- `",
    "dict_type": "holds no fields: write `name: value` below it",
    "model_type": "holds no fields: write `name: value` below it",
    "model_attributes_type": "holds no fields: write `name: value` below it",
})  # fmt: skip


def sentence(found: ErrorDetails, names: Sequence[str]) -> str:
    """One error of pydantic's as field, value, problem and remedy.

    Args:
        found: the error.
        names: fields there are at its place.
    """
    place, kind = _place(found["loc"]), found["type"]
    name = str(found["loc"][-1]) if found["loc"] else ""
    value = f"{place} = {_short(found['input'])}"
    match kind:
        case "missing":
            return f"{place} is missing: add it" + (f", like `{EXAMPLES[name]}`" if name in EXAMPLES else "")
        case "extra_forbidden":
            near = get_close_matches(name, names, 1)
            return f"{value}: there is no such field: " + (f"write {near[0]}" if near else f"there are {', '.join(names)}")
        case "literal_error":
            return f"{value} is none of {found['ctx']['expected']}: write one of them"
        case "value_error":
            told = str(found["ctx"]["error"])
            return f"{place}: {told}" if isinstance(found["input"], dict) else f"{value}: {told}"
    return f"{value} {REMEDIES.get(kind) or found['msg']}"


def unreadable(error: yaml.YAMLError) -> str:
    """Why a text is no YAML, with its line."""
    line, problem = "", str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = error.problem or problem
    return f"{line}: not YAML ({problem}): a text with {{ or : stands in quotes, fields of one kind in one column"


def _place(place: Sequence[int | str]) -> str:
    """Where it stands: json[0].time.unit."""
    told = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return told.removeprefix(".") or "the file"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
