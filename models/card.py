"""What a model is, what it was judged by, and where it must not be used."""

from dataclasses import dataclass, field
from typing import Literal

Task = Literal["anomaly", "drift", "forecast", "classification", "rul", "health"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the served artifact beside what costs nothing.

    Args:
        metric: with its unit, for example "RMSE, cycles (labels capped at 125)".
        value: of the served artifact on rows it never saw.
        low: lower end of the 95 % interval (bootstrap over units); NaN: not defined.
        high: its upper end.
        trivial: of the trivial baseline, named in `trivial_name`.
        simple: of the strongest simple baseline, named in `simple_name`; NaN: none.
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
