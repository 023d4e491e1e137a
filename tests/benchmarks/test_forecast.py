from __future__ import annotations

import numpy as np
import pytest
from forecast import RECURRA, SIMPLE, Group, Method, grouped, judged, over_groups, summary
from forecast_series import FREQUENCIES, Series

from recurra.tasks.forecast.simple import seasonal_naive


def lines(count: int, seed: int = 0) -> list[Series]:
    rng = np.random.default_rng(seed)
    return [Series(f"line {place}", "quarters", rng.normal(size=60).cumsum()) for place in range(count)]


def constant(name: str, distance: float) -> Method:
    """Return a method that says 0, give or take."""

    def ask(group: Group) -> tuple[list[np.ndarray | None], dict[str, float]]:
        answer = np.tile([-distance, 0.0, distance], (group.horizon, 1))
        return [None if one.name == "line 1" and distance == 1 else answer for one in group.series], {"more": 1.0}

    return Method(name, ask)


def test_nothing_of_what_is_judged_is_seen() -> None:
    seen: list[np.ndarray] = []

    def ask(group: Group) -> tuple[list[np.ndarray | None], dict[str, float]]:
        seen.extend(group.histories)
        return [np.zeros((group.horizon, 3)) for _ in group.series], {}

    series = lines(3)
    judged(Group.of("quarters", series, 2), Method("x", ask))
    assert [len(values) for values in seen] == [60 - 3 * 8] * 3
    for values, one in zip(seen, series, strict=True):
        np.testing.assert_array_equal(values, one.values[:36])


def test_scores_are_those_of_the_horizon() -> None:
    group = Group.of("quarters", lines(2), 0)
    result = judged(group, constant("x", 2.0))
    assert result["timing"]["more"] == 1
    for score, one in zip(result["scores"], group.series, strict=True):
        truth, history = one.values[-8:], one.values[:-8]
        scale = np.abs(history[4:] - history[:-4]).mean()
        assert score["mase"] == pytest.approx(np.abs(truth).mean() / scale, abs=1e-4)
        assert score["coverage"] == pytest.approx((np.abs(truth) <= 2).mean(), abs=1e-4)
        assert score["known"] == 8


def test_simple_methods_have_no_interval() -> None:
    group = Group.of("quarters", lines(2), 0)
    for method in SIMPLE:
        scores = judged(group, method)["scores"]
        assert all(set(score) == {"mase", "smape", "known"} for score in scores)
    naive = next(method for method in SIMPLE if method.name == "seasonal naive")
    answers, _ = naive.ask(group)
    for answer, history in zip(answers, group.histories, strict=True):
        np.testing.assert_array_equal(answer[:, 1], seasonal_naive(history, FREQUENCIES["quarters"].season, 8))


def test_a_summary_compares_over_the_same_series() -> None:
    group = Group.of("quarters", lines(4), 0)
    methods = [constant(RECURRA, 3.0), constant("some", 1.0), constant("all", 2.0)]
    results = {method.name: judged(group, method)["scores"] for method in methods}
    rows = [{name: scores[place] for name, scores in results.items()} for place in range(4)]
    found = summary(rows, list(results))
    assert found["series"] == 4
    assert found["all"]["recurra_less_it"]["difference"] == 0
    assert "own_series" not in found["all"]
    kept = [0, 2, 3]
    assert found["some"]["own_series"] == 3
    own = np.mean([results[RECURRA][place]["mase"] for place in kept])
    assert found["some"]["recurra_mase"] == pytest.approx(own, abs=1e-4)
    assert found["some"]["mase"] == pytest.approx(own, abs=1e-4)  # all of them say the same middle
    inside = sum(results["all"][place]["coverage"] * 8 for place in range(4))
    assert found["all"]["coverage"] == pytest.approx(inside / 32, abs=1e-4)


def test_what_is_recorded_is_over_all_but_m1() -> None:
    methods = [constant(RECURRA, 3.0), *SIMPLE]
    series = [Series("short", "quarters", np.arange(60.0)), Series("long", "quarters", np.sin(np.arange(120.0)))]
    series += [Series("M1 T1", "m1 years", np.arange(20.0))]
    groups = {}
    for frequency in ("quarters", "m1 years"):
        group = Group.of(frequency, series, 0)
        groups[frequency] = grouped(group, {method.name: judged(group, method) for method in methods})
    found = over_groups(groups)
    assert {part: one["series"] for part, one in found["summary"].items()} == {"all": 2, "long": 1, "m1": 1}
    naive = groups["quarters"]["per_series"]["long"]["seasonal naive"]["mase"]
    assert found["summary"]["long"]["seasonal naive"]["mase"] == pytest.approx(naive, abs=1e-4)
    drawn = found["summary"]["all"]["drift"]["mase"]
    assert drawn == pytest.approx(
        np.mean([one["drift"]["mase"] for one in groups["quarters"]["per_series"].values()]), abs=1e-4
    )
    assert set(found["seconds"]) == {method.name for method in methods}
    assert over_groups({"m1 years": groups["m1 years"]})["summary"].keys() == {"m1"}
