"""Thresholds: the best one of all, shrunk towards a common one, and chosen by what holds on other rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from recurra.evaluation.label_thresholds import (
    WEIGHTS,
    best_threshold,
    choose_thresholds,
    given_thresholds,
)

SCORES = st.lists(st.tuples(st.floats(0.01, 0.99).map(lambda x: round(x, 2)), st.booleans()), min_size=1, max_size=30)


@settings(deadline=None)
@given(SCORES)
def test_no_other_threshold_has_more_f1(rows: list[tuple[float, bool]]) -> None:
    scores, positive = np.array([s for s, _ in rows]), np.array([p for _, p in rows])
    found = best_threshold(scores, positive)
    if not positive.any():
        assert found == 0.5
        return
    f1 = [float(f1_score(positive, scores >= cut)) for cut in np.unique(scores)]
    assert f1_score(positive, scores >= found) == pytest.approx(max(f1))
    assert found not in scores  # midway, so that rounding cannot move a row


def test_a_label_with_many_rows_keeps_its_own_and_one_with_few_the_common_one() -> None:
    rng = np.random.default_rng(0)
    members = np.stack([rng.random(4000) < 0.4, rng.random(4000) < 0.4, rng.random(4000) < 0.001], axis=1)
    members[:2, 2] = True
    noise = rng.normal(size=(4000, 3))
    log_odds = 3 * members + noise - np.array([3.5, 0.5, 2.0])  # the best cuts of the first two lie far apart
    chosen = choose_thresholds(1 / (1 + np.exp(-log_odds)), members)
    first, second, rare = np.log(chosen.values / (1 - chosen.values))
    assert chosen.weight is not None and math.isfinite(chosen.weight)
    assert second - first > 2
    assert abs(rare - math.log(chosen.common / (1 - chosen.common))) < 2
    assert choose_thresholds(1 / (1 + np.exp(-log_odds)), members).values.tolist() == chosen.values.tolist()


def test_labels_that_are_alike_share_one_threshold() -> None:
    rng = np.random.default_rng(1)
    members = rng.random((200, 40)) < 0.02
    chances = 1 / (1 + np.exp(-(2.5 * members + rng.normal(size=(200, 40)) - 2)))
    chosen = choose_thresholds(chances, members)
    assert chosen.weight is not None and chosen.weight >= 10  # not what suits four rows


def test_few_rows_and_no_rows() -> None:
    chances, members = np.array([[0.2, 0.7], [0.6, 0.1]]), np.array([[False, True], [True, False]])
    chosen = choose_thresholds(chances, members)
    assert chosen.facts() == {"common": pytest.approx(0.4), "weight": "all"}
    assert chosen.values == pytest.approx([0.4, 0.4])
    nothing = choose_thresholds(chances, np.zeros((2, 2), dtype=bool))
    assert nothing.values.tolist() == [0.5, 0.5] and nothing.facts() == {"common": 0.5, "weight": None}
    assert given_thresholds(0.3, 3).values.tolist() == [0.3] * 3
    assert math.isinf(WEIGHTS[-1])
