"""Whether a classifier can be believed follows from its held-out rows, its baseline and the commonest class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recurra.tasks.classify.learn.verdict import majority_share, verdict


@pytest.mark.parametrize(
    ("p_value", "difference", "tone", "start"),
    [
        (0.001, 0.02, "good", "Yes"),
        (0.001, -0.02, "bad", "Not as it is"),
        (0.3, 0.002, "even", "It works"),
    ],
)
def test_the_paired_test_decides(
    binary: dict[str, Any], p_value: float, difference: float, tone: str, start: str
) -> None:
    binary["paired"] = {
        "p_value": p_value, "difference": difference, "difference_ci95": [-0.01, 0.03],
        "only_model": 9, "only_baseline": 4,
    }  # fmt: skip
    answer = verdict(binary)
    assert (answer.tone, answer.headline.startswith(start)) == (tone, True)


def test_no_better_than_the_commonest_answer_is_a_no(binary: dict[str, Any]) -> None:
    binary["test"]["per_class"][0]["support"] = 1950
    binary["test"]["per_class"][1]["support"] = 50
    assert verdict(binary).tone == "bad"
    assert "commonest" in verdict(binary).headline


def test_what_is_missing_is_named(binary: dict[str, Any]) -> None:
    assert "no baseline" in verdict({**binary, "baseline": None, "paired": None}).headline
    assert "row by row" in verdict({**binary, "paired": None}).headline
    assert verdict({}).headline == "Not evaluated yet."
    nothing = {**binary, "test": None, "baseline": None, "split": {"train": 90, "valid": 10, "test": 0}}
    assert verdict(nothing).headline == "Not evaluated: it was trained on all rows."
    assert verdict(nothing).tone == "even" and "recurra evaluate" in verdict(nothing).reasons[1]


def test_a_baseline_that_saw_nothing_proves_nothing(binary: dict[str, Any]) -> None:
    binary["baseline"] = {**binary["baseline"], "features": 0}
    answer = verdict(binary)
    assert answer.tone == "even" and "no baseline" in answer.headline and "means nothing" in answer.reasons[0]


def test_cautions(binary: dict[str, Any], make_metrics: Callable[..., dict[str, Any]]) -> None:
    cautions = " ".join(verdict(make_metrics(2, 60, 0.8)).cautions)
    assert "held-out row" in cautions
    assert "memorised" in cautions
    assert "were cut" in cautions
    binary["train"] = None
    binary["test"].update(ece=0.01, truncated_rows=3)
    assert verdict(binary).cautions == ()
    binary["hygiene"]["tokens"]["unknown_rate"] = 0.31
    binary["test"]["nothing_known_rows"] = 4
    binary["test"]["per_class"][0]["support"] = 0
    told = verdict(binary).cautions
    assert "31" in told[0] and "unknown" in told[0] and "no word of 4" in told[1] and "“negative”" in told[2]
    binary["hygiene"]["tokens"]["unknown_rate"], binary["test"]["nothing_known_rows"] = 0.29, 0
    binary["test"]["per_class"][0]["support"] = 1000
    assert verdict(binary).cautions == ()
    binary["test"]["per_class"][1]["recall"] = 0.0
    assert "“positive”" in verdict(binary).cautions[0]
    assert majority_share({"hygiene": {"majority_share": 0.7}}) == 0.7
