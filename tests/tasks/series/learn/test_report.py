"""The report says what the figures say, and is whole when parts are missing."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.evaluation.class_scores import score_classes
from recurra.tasks.series.learn.report import model_card, render, report_page
from support.outline import HOSTILE, Outline, assert_harmless
from support.written_models import written_metrics

NUMBERS: dict[str, Any] = {
    "labels": [],
    "test": {"rows": 50, "mae": 1.5, "mae_ci95": [1.2, 1.8], "r2": 0.6, "r2_ci95": [0.4, 0.7], "spearman": -0.1},
    "baseline": {"name": "ridge", "mae": 2.0, "mae_ci95": [1.7, 2.4]},
    "paired": {"difference": -0.5, "difference_ci95": [-0.8, -0.2], "p_value": 0.001},
    "mistakes": [{"series": "s1", "steps": 9, "truth": 1.0, "predicted": 4.0}],
}


def test_a_written_model() -> None:
    metrics = written_metrics("series")
    page = Outline(render(metrics))
    for text in (
        "waves.csv classifier",
        "What it confuses",
        "Baselines",
        "Network and convolutions",
        "Channels: x, y.",
    ):
        assert text in page.text
    assert f"{100 * metrics['test']['accuracy']:.1f}" in page.text and "--group" in page.text


@pytest.mark.parametrize(
    ("changes", "tone", "said"),
    [
        ({}, "good", "Yes: it beats a simple baseline"),
        ({"paired": {"difference": 0.5, "p_value": 0.001}}, "bad", "a simple baseline does better"),
        ({"paired": {"difference": -0.5, "p_value": 0.3}}, "even", "not clearly better"),
        ({"paired": None}, "even", "without a baseline"),
        ({"test": {**NUMBERS["test"], "r2_ci95": [-0.1, 0.7]}}, "bad", "than the mean"),
        ({"test": None}, "even", "Not evaluated yet."),
    ],
)
def test_verdicts_of_numbers(changes: dict[str, Any], tone: str, said: str) -> None:
    verdict = report_page({**NUMBERS, **changes}).verdict
    assert verdict.tone == tone and said in verdict.headline


def test_a_classifier_no_better_than_its_commonest_class() -> None:
    test = score_classes([[0.6, 0.4]] * 9, [0] * 6 + [1] * 3, ["a", "b"])
    assert report_page({"labels": ["a", "b"], "test": test}).verdict.tone == "bad"


def test_text_of_users_stays_text() -> None:
    metrics = {**NUMBERS, "mistakes": [{**NUMBERS["mistakes"][0], "series": HOSTILE}], "data": {"name": HOSTILE}}
    assert_harmless(render(metrics))
    assert "recurra predict . new.parquet" in model_card({**metrics, "data": {"name": "a"}})


def test_every_part_may_be_missing() -> None:
    for metrics in ({}, {"labels": ["a", "b"]}, {**NUMBERS, "data": {}}):
        assert "<h1" in render(metrics)


def test_the_caution_on_few_rows_is_the_finding_alone() -> None:
    finding = "9 series are held out: the intervals are wide, and small differences mean nothing."
    cautions = report_page({**NUMBERS, "hygiene": {"findings": [finding]}}).verdict.cautions
    assert cautions[0] == finding and sum("held" in caution for caution in cautions) == 1
