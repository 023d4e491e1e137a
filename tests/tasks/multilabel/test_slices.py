"""Slices of rows of several labels: the figures are those of scikit-learn on the rows of each."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from recurra.data.cell_column import CellColumn
from recurra.tasks.multilabel.slices import by_columns


def test_figures_are_those_of_the_rows_alone() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((90, 4)) < 0.4
    given = truth ^ (rng.random((90, 4)) < 0.2)
    column, judged = CellColumn("land"), np.arange(120) % 4 != 0
    cells = np.array(["xyz"[n % 3] for n in range(120)])
    for cell in cells:
        column.add(cell)
    found = by_columns({"land": column, "other": CellColumn("other")}, ["land"], judged, given, truth)
    assert list(found) == ["land"]
    for one in found["land"]["slices"]:
        mine = cells[judged] == one["name"]
        assert one["micro_f1"] == pytest.approx(f1_score(truth[mine], given[mine], average="micro"))
        assert one["subset_accuracy"] == pytest.approx(accuracy_score(truth[mine], given[mine]))
