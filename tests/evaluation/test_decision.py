"""Thresholds against an exhaustive search, and withheld answers against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.evaluation import decision as module
from recurra.evaluation.decision import NONE, Decision, Goal, choose_threshold, coverage, threshold_value

GOALS = [Goal("f1"), Goal("balanced-accuracy"), Goal("cost", 5.0, 1.0), Goal("cost", 1.0, 20.0)]


def by_sklearn(goal: Goal, truth: np.ndarray, said: np.ndarray) -> float:
    from sklearn import metrics

    if goal.name == "f1":
        return float(metrics.f1_score(truth, said, zero_division=0))
    if goal.name == "balanced-accuracy":
        return float(metrics.balanced_accuracy_score(truth, said))
    missed, false = (truth & ~said).mean(), (~truth & said).mean()
    return float(-(goal.missed * missed + goal.false * false))


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.written)
def test_how_good_a_threshold_is_agrees_with_scikit_learn(goal: Goal) -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(80) < 0.3
    chances = np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0, 1).round(2)
    for threshold in (0.1, 0.31, 0.5, 0.77):
        assert threshold_value(chances, truth, goal, threshold) == pytest.approx(
            by_sklearn(goal, truth, chances >= threshold)
        )


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.written)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=3, max_size=30))
@settings(max_examples=40, deadline=None)
def test_the_best_cut_of_the_rows_is_found(goal: Goal, rows: list[tuple[int, bool]]) -> None:
    chances, truth = np.array([score / 20 for score, _ in rows]), np.array([sign for _, sign in rows])
    if truth.all() or not truth.any():
        assert choose_threshold(chances, truth, goal) == 0.5
        return
    order = np.argsort(-chances, kind="stable")
    found = module._best_cut(chances[order], truth[order], np.ones(len(rows)), goal)
    tried = np.r_[np.unique(chances), [1.01] if chances.max() < 1 else []]
    best = max(threshold_value(chances, truth, goal, cut) for cut in tried)
    assert threshold_value(chances, truth, goal, found) == pytest.approx(best)


def test_the_threshold_of_a_rare_class_is_lower_and_goes_with_the_costs() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(4_000) < 0.08
    odds = np.where(truth, rng.normal(0.0, 1, 4_000), rng.normal(-3, 1, 4_000))
    chances = 1 / (1 + np.exp(-odds))
    assert choose_threshold(chances, truth, Goal("f1")) < 0.45
    careful, bold = (choose_threshold(chances, truth, Goal("cost", *costs)) for costs in ((1.0, 9.0), (9.0, 1.0)))
    assert bold < careful
    assert choose_threshold(chances, truth, Goal("f1"), seed=3) == pytest.approx(
        choose_threshold(chances, truth, Goal("f1"), seed=4), abs=0.05
    )
    weighted = choose_threshold(chances, truth, Goal("cost"), np.where(truth, 9.0, 1.0))
    assert weighted == pytest.approx(bold, abs=0.03), "a row of weight 9 costs 9"


@pytest.mark.parametrize("given", ["f2", "", "5", "5:", ":1", "0:1", "-1:2", "nan:1", "inf:1", "1:2:3"])
def test_what_is_no_goal_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="two costs such as 5:1"):
        Goal.of(given)


def test_goals_are_written_as_they_are_given() -> None:
    for text in ("f1", "balanced-accuracy", "5:1", "0.5:2"):
        assert Goal.of(text).written == text
        assert Goal.of(text).words


def test_a_class_is_answered_from_its_threshold_on_or_not_at_all() -> None:
    chances = np.array([[0.9, 0.1], [0.7, 0.3], [0.69, 0.31], [0.2, 0.8]])
    assert Decision().answers(chances).tolist() == [0, 0, 0, 1]
    assert Decision(1, 0.3).answers(chances).tolist() == [0, 1, 1, 1]
    assert Decision(0, 0.9).answers(chances).tolist() == [0, 1, 1, 1]
    assert Decision(1, 0.3, 0.75).answers(chances).tolist() == [0, NONE, NONE, 1]
    three = np.array([[0.3, 0.4, 0.3], [0.1, 0.1, 0.8]])
    assert Decision(abstain=0.5).answers(three).tolist() == [NONE, 2]
    assert Decision().plain and not Decision(abstain=0.1).plain and not Decision(1).plain


def test_a_decision_survives_json_and_what_is_none_is_refused() -> None:
    kept = Decision(1, 0.31, 0.6)
    assert Decision.of(kept.to_dict(), 2) == kept and Decision.of(None, 5) == Decision()
    for changes in ({"positive": 2}, {"positive": True}, {"threshold": 0.0}, {"threshold": 1}, {"abstain": 1.0}):
        with pytest.raises(ValueError, match="no decision"):
            Decision.of(kept.to_dict() | changes, 2)
    with pytest.raises(ValueError, match="no decision about 3 classes"):
        Decision.of(kept.to_dict(), 3)


def test_coverage_is_that_of_counting() -> None:
    rng = np.random.default_rng(2)
    chances = rng.dirichlet([1, 1, 1], 300).round(2)
    correct = rng.random(300) < chances.max(axis=1)
    found = coverage(chances, correct, 0.7)
    kept = chances.max(axis=1) >= 0.7
    assert (found["rows"], found["coverage"]) == (int(kept.sum()), pytest.approx(kept.mean()))
    assert found["accuracy"] == pytest.approx(correct[kept].mean())
    low, high = found["accuracy_ci95"]
    assert low < found["accuracy"] < high
    first, last = found["curve"][0], found["curve"][-1]
    assert first["coverage"] == 1.0 and first["accuracy"] == pytest.approx(correct.mean())
    for point in found["curve"]:
        rows = chances.max(axis=1) >= point["probability"]
        assert point["coverage"] == pytest.approx(rows.mean())
        assert point["accuracy"] == pytest.approx(correct[rows].mean())
    assert last["coverage"] < 0.1
    nothing = coverage(chances, correct, 0.999999)
    assert nothing["accuracy"] is None and nothing["rows"] == 0
