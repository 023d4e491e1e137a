"""Charts of predictions and errors."""

from __future__ import annotations

import numpy as np

from recurra.tasks.regress.learn.number_charts import histogram, scatter


def test_every_point_and_every_bar_is_drawn() -> None:
    points = np.random.default_rng(0).normal(size=(40, 2)).tolist()
    drawn = scatter(points)
    assert drawn is not None
    assert drawn.count("<circle") == 40
    counts, edges = np.histogram([row[0] for row in points], bins=7)
    bars = histogram({"edges": edges.tolist(), "counts": counts.tolist()})
    assert bars is not None
    assert bars.count("<rect") == 7


def test_nothing_is_drawn_of_nothing() -> None:
    assert scatter([]) is None
    assert scatter([[1.0, 1.0], [1.0, 1.0]]) is not None
    assert histogram({}) is None
    assert histogram({"edges": [1.0, 1.0], "counts": [3]}) is None
