"""The answer to "can I believe it?", and numbers in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.report import wording
from recurra.report.wording import clean, count, duration, percent, probability, shortened, verdict

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9214, "92.1"), (0.0, "0.0"), (1.0, "100.0"), (0.99999, "99.9"), (0.00001, "under 0.1"), (None, "not measured")],
)
def test_percent_never_claims_more_than_is_so(share: float | None, text: str) -> None:
    assert percent(share).removesuffix(f"{NBSP}%") == text


def test_plain_words() -> None:
    assert count(1, "row") == f"1{NBSP}row"
    assert count(4500, "row") == f"4,500{NBSP}rows"
    assert [duration(s) for s in (0.44, 12.2, 185)] == [f"0.4{NBSP}s", f"12{NBSP}s", f"3{NBSP}min 05{NBSP}s"]
    assert [probability(p).replace(NBSP, " ") for p in (1e-9, 0.0312, 1.0)] == ["p < 0.0001", "p = 0.031", "p = 1"]


@given(st.text(st.characters(), max_size=40), st.integers(1, 20))
def test_any_text_can_be_written_and_is_cut(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit
    whole = clean(text)
    assert whole.encode("utf-8") and not set(whole) & set(map(chr, [0, 1, 8, 11, 27, 127])) if text else whole == ""


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


def test_what_is_missing_is_said(binary: dict[str, Any]) -> None:
    assert "no baseline" in verdict({**binary, "baseline": None, "paired": None}).headline
    assert "row by row" in verdict({**binary, "paired": None}).headline
    assert verdict({}).headline == "Not judged yet."


def test_cautions(binary: dict[str, Any], make_metrics: Callable[..., dict[str, Any]]) -> None:
    cautions = " ".join(verdict(make_metrics(2, 60, 0.8)).cautions)
    assert "held-out row" in cautions
    assert "by heart" in cautions
    assert "were cut" in cautions
    binary["train"] = None
    binary["test"].update(ece=0.01, truncated_rows=3)
    assert verdict(binary).cautions == ()
    binary["test"]["per_class"][1]["recall"] = 0.0
    assert "“positive”" in verdict(binary).cautions[0]
    assert wording.majority_share({"hygiene": {"majority_share": 0.7}}) == 0.7
