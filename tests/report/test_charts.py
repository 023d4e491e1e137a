"""Charts are well-formed, labelled, in the right colours, and say the right thing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from recurra.report.charts import Bar, interval_chart, learning_curve
from recurra.report.quantity import CROSS_ENTROPY, LOSS, Quantity

ACCURACY = Quantity("Accuracy", "The share that is right.", True, share=True)


@pytest.mark.parametrize(("name", "quantity"), [("accuracy", ACCURACY), ("loss", CROSS_ENTROPY)])
def test_curves_have_both_lines_axes_and_legend(binary: dict[str, Any], name: str, quantity: Quantity) -> None:
    picture = str(learning_curve(binary["history"], name, quantity))
    ElementTree.fromstring(picture)
    assert len(re.findall("<polyline[^>]*curve train", picture)) == 1
    assert len(re.findall("<polyline[^>]*curve valid", picture)) == 1
    for words in ("epoch", "training", "validation", quantity.axis_title):
        assert f">{words}" in picture


def test_curves_bear_gaps_one_epoch_and_nothing() -> None:
    assert learning_curve([], "loss", LOSS) is None
    assert learning_curve([{"epoch": 1, "train_loss": None}], "loss", LOSS) is None
    single = str(learning_curve([{"epoch": 1, "train_loss": 0.5, "valid_loss": float("nan")}], "loss", LOSS))
    ElementTree.fromstring(single)
    assert "curve train" in single
    assert "curve valid" not in single
    whole = [{"epoch": epoch, "train_accuracy": 1.0} for epoch in (1, 2)]
    ElementTree.fromstring(str(learning_curve(whole, "accuracy", ACCURACY)))


@pytest.mark.parametrize("values", [(-1500.0, -1500.0), (-3.0, 2.0), (0.0, 0.0), (1e6, 2e6)])
def test_curves_hold_values_of_any_size_and_sign(values: tuple[float, float]) -> None:
    history = [{"epoch": epoch, "train_loss": value} for epoch, value in enumerate(values, start=1)]
    root = ElementTree.fromstring(str(learning_curve(history, "loss", LOSS)))
    heights = [float(dot.attrib["cy"]) for dot in root.iter("circle")]
    assert len(heights) == 3  # and the legend's
    assert all(0 <= height <= 262 for height in heights)


def test_intervals_show_names_values_and_ends() -> None:
    picture = str(
        interval_chart(
            "Title",
            [Bar("a <b>", 0.9, (0.85, 0.94), "valid", "10 rows"), Bar("c", 0.5)],
            ACCURACY,
            0.8,
            "all",
            rows="sentences",
        )
    )
    root = ElementTree.fromstring(picture)
    shown = [element.text for element in root.iter("text")]
    assert "a <b> · 10 rows" in shown
    assert "all" in shown
    assert f"{ACCURACY.title} on held-out sentences" in shown
    assert "85.0 to 94.0" in root.attrib["aria-label"]
    assert len(list(root.iter("rect"))) == 1  # the bar without an interval has no band
