"""What a model is, what it was judged by, and where it must not be used."""

from dataclasses import dataclass, field
from typing import Final, Literal

Task = Literal["anomaly", "drift", "forecast", "classification", "rul", "health"]

SERVED: Final = "the served artifact, on rows it never saw"
MEMBERS: Final = "its fold members, each on rows it never saw; their mean, which is served, has seen every row and was judged on none"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a model beside what costs nothing. Which model: `judged` of the card.

    Args:
        metric: with its unit, for example "RMSE, cycles (labels capped at 125)".
        value: on rows the model never saw.
        low: lower end of the 95 % interval over units (models/judge.py); NaN: not defined, or all units agree.
        high: its upper end.
        trivial: of the trivial baseline, named in `trivial_name`.
        simple: of the simple baseline that is strongest on these rows, named in `simple_name`; NaN: none.
        published: best published figure with its source in `source`; NaN: none known.
        better: which direction is better.

    """

    data_set: str
    protocol: str
    metric: str
    value: float
    better: Literal["higher", "lower"]
    low: float = float("nan")
    high: float = float("nan")
    trivial: float = float("nan")
    trivial_name: str = ""
    simple: float = float("nan")
    simple_name: str = ""
    published: float = float("nan")
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a person needs before using a model; its first figure is the one that decides.

    Args:
        domains: for example bearing, pump, turbofan, general; of a named model the catalogue states them (models/catalogue.py).
        quantities: measured quantities it needs (processors/quantity.py), empty: any.
        serves: "none" for benchmark models, else "asset", "class" or "any".
        split: what is kept apart, in words.
        limits: where it must not be used.
        row_us: cost of a row in a batch, microseconds.
        judged: what the figures are of: SERVED or MEMBERS.

    """

    name: str
    task: Task
    title: str
    domains: tuple[str, ...]
    quantities: tuple[str, ...]
    serves: str
    data_set: str
    split: str
    limits: str
    figures: tuple[Figure, ...]
    row_us: float = float("nan")
    tags: dict[str, str] = field(default_factory=dict)
    judged: str = SERVED
