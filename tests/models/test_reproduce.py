"""A stored row is computed again from what it holds."""

from typing import Any

import numpy as np
import pytest

from models.registry import Registry
from models.reproduce import answered, compared, skipped
from models.runs import register
from models.tracking import RegistryError
from processors import prediction
from processors.prediction import Life
from tests.models import sample
from tests.processors.plant import machine, origin, window

DAYS = 20


def stored(life: Life | None = None, *, mode: str = "running") -> dict[str, Any]:
    """A row of a bearing that warms by 0.3 degC a day, as plant.prediction shows it."""
    dice, state, made = np.random.default_rng(1), prediction.empty(), []
    for number in range(0, DAYS * 144, 12):
        means = {"P1.temp": 50.0 + 0.3 * number / 144 + 0.3 * dice.normal(), "P1.speed": 1000.0, "P1.flow": 100.0 + dice.normal()}
        made += prediction.step(
            state,
            window(number, means, mode=mode),
            schema="Features",
            known_at_us=number,
            origin=origin(number),
            about=lambda _: machine(),
            ask=lambda *_: life or Life(),
        )
    last = made[-1]
    return {**last, **{name: np.frombuffer(last[f"{name}_f8"], "<f8").tolist() for name in ("hours", "deviation")}}


def unequal(row: dict[str, Any], outputs: dict[str, float] | None = None) -> list[str]:
    return [each.name for each in compared(row, outputs or {}) if not each.equal]


@pytest.fixture(scope="module")
def warming() -> dict[str, Any]:
    return stored()


def test_the_time_to_a_limit_comes_out_bit_by_bit(warming: dict[str, Any]) -> None:
    assert warming["method"] == "trend"
    assert unequal(warming) == []


@pytest.mark.parametrize("name", ["limit_h", "limit_low_d", "slope", "health"])
def test_one_bit_is_noticed(warming: dict[str, Any], name: str) -> None:
    assert unequal({**warming, name: float(np.nextafter(warming[name], 1e9))}) == [name]


def test_another_series_or_other_rules_are_noticed(warming: dict[str, Any]) -> None:
    changed = [*warming["deviation"][:-1], warming["deviation"][-1] + 5.0]
    assert {"limit_h", "limit_high_h"} <= set(unequal({**warming, "deviation": changed}))
    assert unequal({**warming, "kernel": "prediction/0"}) == ["kernel"]
    assert unequal({**warming, "severity": 4}) == ["severity"]


def test_what_does_not_follow_from_the_row_is_named(warming: dict[str, Any]) -> None:
    told = skipped({**warming, "forecasts": [{}, {}], "forecast_model": "ahead", "forecast_version": 3})
    assert told[0].startswith("2 forecasts and the answer of ahead version 3: the hourly means")
    assert [each.partition(":")[0] for each in told[1:]] == [
        "the health of each sensor",
        "which sensor reaches its limit first, and that its trend is sure",
    ]
    nothing = skipped({**warming, "forecasts": [], "parts": [], "limit_h": None})
    assert nothing == ["that no time to a limit is stated: no series is in the row"]


def test_a_row_that_states_nothing_is_equal() -> None:
    row = stored(mode="stopped")
    assert (row["method"], row["health"], unequal(row)) == ("none", None, [])


def test_the_model_is_asked_again(registry: Registry) -> None:
    known = register(registry, sample.trained("wear"), seed=0)
    inputs = dict(zip(sample.INPUTS, (1.0, 2.0), strict=True))
    row = {"model": "wear", "version": 1, "digest": known.digest, "inputs": inputs}
    outputs = answered(registry, row)
    life = Life("", "wear", 1, known.digest, inputs, {**outputs, "rul_h": 100.0})
    kept = stored(life)
    assert unequal(kept, dict(life.outputs)) == []
    assert unequal(kept, {**life.outputs, "rul_h": 101.0}) == ["outputs.rul_h", "rul_h", "rul_d"]
    with pytest.raises(RegistryError, match="has digest"):
        answered(registry, {**row, "digest": "0" * 64})
    with pytest.raises(RegistryError, match="lacks the inputs power_kw"):
        answered(registry, {**row, "inputs": {"flow_l_min": 1.0}})
