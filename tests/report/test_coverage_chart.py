"""The chart of withheld answers: its points are the curve's, and the chosen one is marked."""

from __future__ import annotations

import re

import numpy as np

from recurra.evaluation.decision import coverage
from recurra.report.coverage_chart import coverage_chart


def test_points_lie_where_the_curve_says() -> None:
    rng = np.random.default_rng(0)
    chances = rng.dirichlet([1, 1], 200)
    correct = rng.random(200) < chances.max(axis=1)
    found = coverage(chances, correct, 0.8)
    drawn = str(coverage_chart(found))
    points = re.findall(r"(\d+\.\d),(\d+\.\d)", re.search(r'<polyline points="([^"]*)"', drawn).group(1))  # type: ignore[union-attr]
    assert len(points) == len(found["curve"])
    across = [float(x) for x, _ in points]
    assert across == sorted(across, reverse=True), "from all rows to the surest"
    assert "from 80" in drawn and drawn.count("<circle") > 5


def test_without_a_curve_there_is_no_chart_and_without_a_probability_no_mark() -> None:
    assert coverage_chart(None) is None
    chances = np.tile([0.5, 0.5], (4, 1))
    assert coverage_chart(coverage(chances, np.array([True, False, True, True]), 0.0)) is None, "one point"
    chances[0] = [0.1, 0.9]
    assert 'class="train"' not in str(coverage_chart(coverage(chances, np.array([True, False, True, True]), 0.0)))
