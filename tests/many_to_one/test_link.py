"""What is made of logits, against plain Python in double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.many_to_one.link import LINKS, sigmoid

NUMBERS = st.lists(st.floats(-200, 200), min_size=1, max_size=6)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


@given(NUMBERS)
def test_classes_share_a_probability_of_one(logits: list[float]) -> None:
    answers = LINKS["softmax"].exact(np.array([logits]))[0]
    scores = [0.0, *logits] if len(logits) == 1 else logits
    total = sum(math.exp(score - max(scores)) for score in scores)
    assert answers == pytest.approx([math.exp(score - max(scores)) / total for score in scores])
    assert len(answers) == LINKS["softmax"].width(len(logits))


@given(NUMBERS)
def test_labels_have_a_probability_each(logits: list[float]) -> None:
    assert LINKS["sigmoid"].exact(np.array([logits]))[0] == pytest.approx([logistic(logit) for logit in logits])
    assert LINKS["sigmoid"].width(len(logits)) == len(logits)


@given(NUMBERS)
def test_classes_in_an_order_are_differences_of_being_above(logits: list[float]) -> None:
    falling = sorted(logits, reverse=True)
    answers = LINKS["cumulative"].exact(np.array([falling]))[0]
    above = [1.0, *map(logistic, falling), 0.0]
    assert answers == pytest.approx([above[k] - above[k + 1] for k in range(len(falling) + 1)], abs=1e-12)
    assert answers.sum() == pytest.approx(1) and len(answers) == LINKS["cumulative"].width(len(falling))


def test_a_number_is_its_logit() -> None:
    assert LINKS["identity"].exact(np.array([[3.5], [-1e9]], dtype=np.float32)).tolist() == [[3.5], [-1e9]]
    assert (LINKS["identity"].output, LINKS["sigmoid"].output) == ("values", "probabilities")


@pytest.mark.parametrize("name", ["softmax", "sigmoid", "cumulative", "identity"])
def test_single_precision_is_settled_and_what_is_no_answer_is_not_sound(name: str) -> None:
    link = LINKS[name]  # type: ignore[index]
    rng = np.random.default_rng(0)
    logits = -np.sort(-rng.normal(size=(50, 1 if name == "identity" else 4)) * 6, axis=1)
    answers = link.answers(logits.astype(np.float32))
    assert link.sound(answers)
    np.testing.assert_allclose(link.settled(answers), link.exact(logits), atol=1e-5)
    if name != "identity":
        assert not link.sound(answers - 0.01) or name == "sigmoid"
        assert not link.sound(np.where(np.arange(50)[:, None] == 7, -0.3, answers))
    for wrong in (np.nan, np.inf):
        answers[3, 0] = wrong
        assert not link.sound(answers)


def test_the_logistic_function_does_not_overflow() -> None:
    assert sigmoid(np.array([-1e5, 0.0, 1e5])).tolist() == [0.0, 0.5, 1.0]
