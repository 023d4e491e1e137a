"""The section of a report on a model whose training went on."""

from __future__ import annotations

from recurra.many_to_one.learn.continued_report import before_and_after


def test_a_model_that_began_anew_has_none() -> None:
    assert not before_and_after({}).body and not before_and_after({"continued": None}).body


def test_sentences_and_a_table_with_names_escaped() -> None:
    paired = {"difference": 0.5, "difference_ci95": [0.25, 0.75], "p_value": 0.01}
    new = {"rows": 8, "measure": "accuracy", "before": 0.25, "after": 0.75, "paired": paired}
    continued = {"model": "<i>", "old": None, "new": new, "further_words": 3, "further_labels": ["<b>"]}
    body = str(before_and_after({"continued": continued}).body)
    assert "<table" in body and "+50.0 points" in body and "Added: 3 words and 1 label" in body
    assert "<i>" not in body and "<b>" not in body and "&lt;b&gt;" in body
