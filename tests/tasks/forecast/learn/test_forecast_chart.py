"""Charts put each value where it belongs, and leave out what is missing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recurra.report.quantity import Quantity
from recurra.tasks.forecast.learn.forecast_chart import forecast_chart, legend, step_chart

DRAWN = {
    "series": "a & b", "first": "2024-01", "last": "2024-09",
    "history": [3.0, 1.0, None, 4.0, 1.5], "truth": [5.0, None],
    "quantiles": [[4.0, 5.5, 6.0], [2.0, 6.0, 9.0]], "seasonal_naive": [1.0, 3.0],
}  # fmt: skip


def points(svg: str, kind: str) -> list[list[tuple[float, float]]]:
    found = re.findall(rf'<poly(?:line|gon) points="([^"]*)" class="{kind}"', svg)
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())] for line in found]


def test_lines_are_at_their_steps_and_values() -> None:
    svg = str(forecast_chart(DRAWN))
    first, second = points(svg, "curve history")
    assert (len(first), len(second)) == (2, 2)
    (forecast,), (naive,), (band,) = (points(svg, kind) for kind in ("curve forecast", "curve naive", "spread"))
    known = [(0, 3), (1, 1), (3, 4), (4, 1.5), (5, 5.5), (6, 6), (5, 1), (6, 3)]
    at = [*first, *second, *forecast, *naive]
    for axis in (0, 1):  # each axis is one straight line through all of them
        slope, start = np.polyfit([pair[axis] for pair in known], [pair[axis] for pair in at], 1)
        np.testing.assert_allclose(
            [start + slope * pair[axis] for pair in known], [pair[axis] for pair in at], atol=0.2
        )
        assert slope > 0 if axis == 0 else slope < 0
    assert [x for x, _ in band] == [forecast[0][0], forecast[1][0], forecast[1][0], forecast[0][0]]
    assert "a &amp; b" in svg and "2024-01" in svg and svg.count("<circle") == 1


@pytest.mark.parametrize("history", [[5.0, 5.0, 5.0], [1e20, -1e20], [None, 2.0]])
def test_strange_series_are_drawn(history: list[float | None]) -> None:
    svg = str(forecast_chart({**DRAWN, "history": history, "truth": [], "seasonal_naive": []}))
    assert "nan" not in svg and "inf" not in svg and "what came" in str(legend())


def test_steps_of_a_quantity() -> None:
    quantity = Quantity("MASE", "", higher_is_better=False)
    steps = [{"step": 1, "mase": 0.5}, {"step": 2, "mase": None}, {"step": 3, "mase": 1.5}]
    svg = str(step_chart(steps, "mase", quantity, 1.0))
    assert svg.count("<circle") == 2 and "From 0.500 at the first step to 1.500 at the last" in svg
    assert step_chart(steps[:2], "mase", quantity, 1.0) is None
