"""The sections on classes: every count of the confusion matrix, in every size, and the weakest classes."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.evaluation.class_scores import score_classes
from recurra.report.classes import DENSE, MOST_CLASSES, class_sections, css
from support.outline import Outline


def scored(classes: int, rows: int = 400) -> tuple[dict[str, object], list[str]]:
    rng = np.random.default_rng(classes)
    truth = np.concatenate([np.arange(classes), rng.integers(0, classes, rows)])
    logits = rng.random((len(truth), classes)) + 0.5 * np.eye(classes)[truth]
    labels = [f"class {number}" for number in range(classes)]
    return score_classes(logits / logits.sum(axis=1, keepdims=True), truth, labels), labels


@pytest.mark.parametrize("classes", [2, 7, DENSE + 8, MOST_CLASSES + 1])
def test_counts_and_classes_are_there(classes: int) -> None:
    test, labels = scored(classes)
    matrix, by_class = class_sections(test, labels)
    assert (matrix.heading, by_class.heading) == ("What it confuses", "Class by class")
    assert bool(matrix.body) == (classes <= MOST_CLASSES)
    shown = Outline(f"<html><body>{matrix.body}{by_class.body}</body></html>").text
    assert all(label in shown for label in labels)
    if classes <= DENSE:
        assert all(f"{count:,}" in shown for line in test["confusion"] for count in line)  # type: ignore[attr-defined]
    if classes > DENSE:
        assert f"The weakest twelve of {classes}" in by_class.lead
    assert ".matrix" in css()


def test_nothing_measured_is_nothing_shown() -> None:
    assert not any(section.body for section in class_sections({}, ["a", "b"]))
