"""The scores of parts of the rows of several labels each: an average can hide where a model fails."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.evaluation.comparison import MICRO_F1
from recurra.evaluation.label_comparison import counted
from recurra.evaluation.label_metrics import Members
from recurra.many_to_one.sliced import sliced


def by_columns(
    columns: Mapping[str, CellColumn],
    names: Collection[str],
    rows: NDArray[np.bool_] | None,
    given: Members,
    members: Members,
) -> dict[str, Any]:
    """Return micro F1 and subset accuracy for each value of columns: see `sliced`. given, members: [N, L], the labels
    that the judged rows are given and have."""
    exact = (given == members).all(axis=1)

    def more(part: NDArray[np.bool_]) -> dict[str, Any]:
        return {"subset_accuracy": float(exact[part].mean())}

    return sliced(columns, names, rows, counted(given, members), MICRO_F1, more)
