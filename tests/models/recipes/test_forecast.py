"""The forecast of key signals."""

import numpy as np
import pytest

from models.generated import signal
from models.kinds.linear import make
from models.recipes import forecast


def test_rows_hold_changes_of_the_past_and_truths_of_the_future() -> None:
    table = signal.signals(1, 1)
    values = table.features["value"]
    inputs, truths, _, before = forecast.rows(table)
    assert len(inputs) == len(values) - 168 - 24
    assert inputs[0, 0] == values[168]
    assert inputs[0, 1] == values[167] - values[168]
    assert truths[0].tolist() == [values[169], values[174], values[192]]
    assert np.isclose(before[0], values[:169].mean())


def test_hours_beside_a_gap_are_left_out() -> None:
    table = signal.signals(1, 1)
    table.time[700:] += 7200.0
    kept = forecast.rows(table)[0]
    assert len(kept) == 1440 - 192 - 192


def test_the_forecast_moves_with_level_and_scale() -> None:
    made = make(forecast._fitted(signal.signals(2, 4)))
    rows = forecast.rows(signal.signals(3, 1))[0][:50]
    moved = rows * 7.0
    moved[:, 0] += 100.0
    assert np.allclose(made.predict(moved), made.predict(rows) * 7.0 + 100.0, rtol=1e-9)


def test_it_beats_the_last_value_on_signals_of_another_seed() -> None:
    model = make(forecast._fitted(signal.signals(4, 12)))
    figures = forecast._figures(model, signal.signals(5, 6), "generated", 0)
    assert len(figures) == 3
    assert all(figure.value < figure.trivial for figure in figures)


def test_simple_forecasts_are_hours_of_the_signal_itself() -> None:
    table = signal.signals(1, 1)
    values = table.features["value"]
    inputs, _, _, before = forecast.rows(table)
    found = forecast.simple(inputs, before, 6)
    assert found["the same hour yesterday"][0] == pytest.approx(values[168 - 18])
    assert found["the same hour last week"][0] == pytest.approx(values[168 - 162])
    assert found["half the last value, half the mean so far"][0] == pytest.approx((values[168] + values[:169].mean()) / 2.0)
    assert forecast.simple(inputs, before, 24)["the same hour last week"][0] == pytest.approx(values[24])
