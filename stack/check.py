"""One finding of the doctor."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do when it is not in order."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str = ""


def judged(name: str, detail: str, *, fine: bool, remedy: str, otherwise: Literal["warn", "fail"] = "fail") -> Check:
    """A check that is fine, or not with its remedy."""
    return Check(name, "ok", detail) if fine else Check(name, otherwise, detail, remedy)
