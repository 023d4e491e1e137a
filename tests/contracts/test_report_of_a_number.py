"""A task that predicts a number uses the report as it is: errors without a maximum, no labels, no accuracy."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from recurra.report.blocks import table
from recurra.report.card import model_card
from recurra.report.page import ReportPage, Section, render
from recurra.report.quantity import Quantity
from recurra.report.verdict import Verdict
from support.outline import Outline, assert_harmless

NBSP = "\N{NO-BREAK SPACE}"
QUANTITIES = {
    "mae": Quantity("Mean absolute error", "By how much it is wrong on average.", False, digits=2, unit="°C"),
    "r2": Quantity("R²", "The share of the variance that it explains.", True, lowest=None),
}


@pytest.fixture
def metrics() -> dict[str, Any]:
    """The metrics.json of a model that predicts temperatures."""
    return {
        "task": "forecast",
        "test": {"mae": 12.345, "mae_ci95": [11.9, 12.8], "r2": -0.21, "r2_ci95": [-0.3, -0.1], "rows": 96},
        "train": {"mae": 1.5, "rows": 900},
        "history": [
            {"epoch": epoch, "train_loss": -1.0 - epoch, "valid_loss": -0.5,
             "train_mae": 30.0 / epoch, "valid_mae": 31.0}
            for epoch in (1, 2, 3)
        ],
        "config": {"cell": "gru", "hidden": 32},
        "data": {"name": "weather.csv", "rows": 1_000},
    }  # fmt: skip


PAGE = ReportPage(
    title="weather.csv forecaster",
    verdict=Verdict("even", "It is wrong by 12 °C on average.", (), ("Winter is missing.",)),
    quantities=QUANTITIES,
    sections=[Section("By season", table(["season", "error"], [["spring", "3.1"]], numbers=1))],
    row="hour",
    rows="hours",
)


def test_errors_need_no_maximum_and_no_baseline(metrics: dict[str, Any]) -> None:
    source = render(metrics, PAGE)
    assert_harmless(source)
    assert '<div class="figure-number">12.35<small>°C</small></div>' in source
    page = Outline(source)
    for part in (
        "weather.csv forecaster", "GRU", "It is wrong by 12 °C", "Winter is missing.",
        f"Mean absolute error on 96{NBSP}held-out hours", f"11.90 to 12.80{NBSP}°C", "-0.210", "-0.300 to -0.100",
        "Lower is better.", "Higher is better.", "By season", "Mean absolute error (°C)", "training 900 1.50",
    ):  # fmt: skip
        assert part.replace(NBSP, " ") in page.text
    for absent in ("accuracy", "Accuracy", "Compared with", "baseline", "nats", "class"):
        assert absent not in page.text


def test_the_history_decides_which_curves_are_drawn(metrics: dict[str, Any]) -> None:
    def titles() -> list[str]:
        charts = [a["aria-label"] or "" for tag, a in Outline(render(metrics, PAGE)).tags if tag == "svg"]
        return [label.split(".")[0] for label in charts]

    assert titles() == ["Mean absolute error per epoch", "Loss per epoch"]
    metrics["history"][0]["valid_mean_bias"] = -0.3
    assert titles() == ["Mean absolute error per epoch", "Mean bias per epoch", "Loss per epoch"]
    del metrics["history"][0]["valid_mean_bias"]
    for entry in metrics["history"]:
        del entry["train_mae"], entry["valid_mae"]
    assert titles() == ["Loss per epoch"]
    metrics["history"] = []
    assert titles() == []


def test_a_baseline_with_a_smaller_error_is_further_left(metrics: dict[str, Any]) -> None:
    metrics["baseline"] = {"name": "the hour before", "mae": 2.0, "mae_ci95": [1.9, 2.1]}
    source = render(metrics, PAGE)
    assert "Further left is better." in Outline(source).text
    comparison = re.search(r"<svg[^>]*Mean absolute error of the model.*?</svg>", source, re.S)
    assert comparison is not None
    dots = ElementTree.fromstring(comparison[0]).iter("circle")
    across = {dot.attrib["class"]: float(dot.attrib["cx"]) for dot in dots}
    assert across["baseline"] < across["valid"]


def test_the_card_holds_the_errors(metrics: dict[str, Any]) -> None:
    card = model_card(metrics, PAGE, use="`recurra predict .`").replace(NBSP, " ")
    assert "# weather.csv forecaster" in card
    assert "- Mean absolute error on 96 held-out hours: 12.35 °C (95 % interval 11.90 to 12.80 °C)." in card
    assert "| Mean absolute error | 12.35 °C | 11.90 to 12.80 °C |" in card
    assert "baseline" not in card
