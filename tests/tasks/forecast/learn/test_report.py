"""The report says what the scores allow to say."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.forecast.learn.report import model_card, render, report_page

TEST = {
    "rows": 30, "values": 120, "mase": 0.8, "mase_ci95": [0.7, 0.9], "smape": 0.1, "smape_ci95": [0.09, 0.11],
    "crps": 0.5, "crps_ci95": [0.4, 0.6], "coverage": 0.81, "coverage_ci95": [0.75, 0.86], "nominal_coverage": 0.8,
}  # fmt: skip


def metrics(difference: float = -0.4, p: float = 0.001, **test: Any) -> dict[str, Any]:
    return {
        "test": {**TEST, **test},
        "baseline": {"name": "seasonal naive", "rows": 30, "mase": 1.2},
        "paired": {"difference": difference, "p_value": p},
        "data": {"name": "sales.csv"},
    }


@pytest.mark.parametrize(("difference", "p", "tone"), [(-0.4, 0.001, "good"), (-0.1, 0.3, "even"), (0.3, 0.01, "bad")])
def test_the_verdict_follows_the_paired_test(difference: float, p: float, tone: str) -> None:
    page = report_page(metrics(difference, p))
    assert page.verdict.tone == tone and "seasonal naive" in page.verdict.reasons[0]


@pytest.mark.parametrize(
    ("coverage", "interval", "words"),
    [(0.6, [0.5, 0.7], "too narrow"), (0.95, [0.9, 0.98], "wider than it needs to be"), (0.78, [0.7, 0.85], "")],
)
def test_a_band_that_does_not_hold_is_named(coverage: float, interval: list[float], words: str) -> None:
    cautions = report_page(metrics(coverage=coverage, coverage_ci95=interval)).verdict.cautions
    assert (words in cautions[0]) if words else not any("band" in text for text in cautions)


def test_what_is_missing_is_left_out_and_what_is_there_is_escaped() -> None:
    assert "Not evaluated yet." in render({})
    drawn = {
        "series": "<b>", "mase": None, "first": "1", "last": "9", "history": [1.0, None, 3.0], "truth": [4.0, None],
        "quantiles": [[3, 4, 5], [3, 5, 7]], "seasonal_naive": [1.0, 2.0],
    }  # fmt: skip
    page = render({**metrics(), "drawn": [drawn]})
    assert "&lt;b&gt;" in page and "<b></bdi>" not in page and 'class="curve forecast"' in page
    assert "sales.csv forecast" in model_card(metrics())
