"""Quantities are written with their digits and units, and know their bounds."""

from __future__ import annotations

import pytest

from recurra.report.quantity import CROSS_ENTROPY, LOSS, Quantity, measured

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("quantity", "value", "interval", "tick"),
    [
        (Quantity("a", "b.", True, share=True), "25.0 %", "20.0 to 30.0 %", "50 %"),
        (Quantity("a", "b.", True, digits=1), "0.2", "0.2 to 0.3", "0.5"),
        (CROSS_ENTROPY, "0.250 nats", "0.200 to 0.300 nats", "0.5"),
    ],
)
def test_values_are_written(quantity: Quantity, value: str, interval: str, tick: str) -> None:
    assert quantity.show(0.25).replace(NBSP, " ") == value
    assert quantity.show_interval([0.2, 0.3]).replace(NBSP, " ") == interval
    assert quantity.show_tick(0.5).replace(NBSP, " ") == tick
    assert quantity.show(None) == quantity.show(float("nan")) == quantity.show_interval(None) == "not measured"


def test_bounds_and_axes() -> None:
    share = Quantity("Accuracy", "b.", True, share=True)
    assert (share.lowest, share.highest, share.axis_title) == (0.0, 1.0, "Accuracy")
    assert (LOSS.lowest, LOSS.highest, CROSS_ENTROPY.axis_title) == (None, None, "Loss (nats)")


def test_only_finite_numbers_were_measured() -> None:
    quantities = dict.fromkeys("dcba", LOSS)
    assert list(measured({"a": 1, "b": None, "c": float("nan"), "d": 0.0, "e": 2.0}, quantities)) == ["d", "a"]
