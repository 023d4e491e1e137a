"""Charts are well-formed, labelled, in the right colours, and say the right thing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.report.charts import Bar, interval_chart, learning_curve, reliability_chart
from recurra.report.svg import ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 9))
def test_ticks_are_within_and_few(low: float, span: float, about: int) -> None:
    found = ticks(low, low + span, about)
    assert len(found) <= about + 2
    assert all(low - span * 1e-6 - 1e-9 <= tick <= low + span * (1 + 1e-6) + 1e-9 for tick in found)


def test_ticks_are_round() -> None:
    assert ticks(0.0, 1.0, 5) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.873, 0.931, 5) == [0.88, 0.9, 0.92]
    assert ticks(3, 3) == [3]


@pytest.mark.parametrize("quantity", ["accuracy", "loss"])
def test_curves_have_both_lines_axes_and_legend(binary: dict[str, Any], quantity: str) -> None:
    picture = str(learning_curve(binary["history"], quantity))
    ElementTree.fromstring(picture)
    assert len(re.findall("<polyline[^>]*curve train", picture)) == 1
    assert len(re.findall("<polyline[^>]*curve valid", picture)) == 1
    for words in ("epoch", "training", "held-out", quantity):
        assert f">{words}" in picture


def test_curves_bear_gaps_one_epoch_and_nothing() -> None:
    assert learning_curve([], "loss") is None
    assert learning_curve([{"epoch": 1, "train_loss": None}], "loss") is None
    single = str(learning_curve([{"epoch": 1, "train_loss": 0.5, "valid_loss": float("nan")}], "loss"))
    ElementTree.fromstring(single)
    assert "curve train" in single
    assert "curve valid" not in single
    ElementTree.fromstring(str(learning_curve([{"epoch": e, "train_accuracy": 1.0} for e in (1, 2)], "accuracy")))


def test_intervals_show_names_values_and_ends() -> None:
    picture = str(
        interval_chart("Title", [Bar("a <b>", 0.9, (0.85, 0.94), "valid", "10 rows"), Bar("c", 0.5)], 0.8, "all")
    )
    root = ElementTree.fromstring(picture)
    shown = [element.text for element in root.iter("text")]
    assert "a <b> · 10 rows" in shown
    assert "all" in shown
    assert "85.0 to 94.0" in root.attrib["aria-label"]
    assert len(list(root.iter("rect"))) == 1  # the bar without an interval has no band


def test_reliability_draws_each_filled_bin(binary: dict[str, Any]) -> None:
    bins = binary["test"]["reliability"]
    root = ElementTree.fromstring(str(reliability_chart(bins)))
    filled = sum(bool(b["count"]) for b in bins)
    assert len(list(root.iter("circle"))) == filled + 1  # and the legend's
    assert reliability_chart([]) is None
    assert reliability_chart([{"low": 0, "high": 1, "count": 0, "confidence": None, "accuracy": None}]) is None
