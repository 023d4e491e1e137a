"""Accuracy of parts of the rows: an average can hide where a model fails."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.evaluation.comparison import ACCURACY
from recurra.evaluation.intervals import wilson
from recurra.evaluation.metric import Integers
from recurra.evaluation.slices import BUCKETS
from recurra.evaluation.slices import buckets as of_equal_size
from recurra.many_to_one.sliced import sliced


def _slice(name: str, correct: NDArray[np.bool_]) -> dict[str, Any]:
    """Return one slice of rows: its name, size, accuracy and 95 % interval."""
    hits, rows = int(correct.sum()), len(correct)
    return {"name": name, "rows": rows, "accuracy": hits / rows, "accuracy_ci95": list(wilson(hits, rows))}


def by_length(correct: NDArray[np.bool_], lengths: Integers, buckets: int = BUCKETS) -> list[dict[str, Any]]:
    """Return accuracy for buckets of about equal size, short to long.

    Args:
        correct: [N], whether the answer was right.
        lengths: [N], tokens before truncation.
        buckets: how many at most; rows of one length are never parted, so there may be fewer.

    Returns:
        For each bucket that has rows: name ("12 to 87 tokens"), low and high (its shortest and longest row, in
        tokens), rows, accuracy, accuracy_ci95.
    """
    slices = []
    for rows in of_equal_size(lengths, buckets):
        low, high = int(lengths[rows].min()), int(lengths[rows].max())
        name = f"{low:,} token{'s' if low != 1 else ''}" if low == high else f"{low:,} to {high:,} tokens"
        slices.append({**_slice(name, correct[rows]), "low": low, "high": high})
    return slices


def by_truncation(correct: NDArray[np.bool_], truncated: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return accuracy of the rows that the model read whole and of those cut to its longest length.

    Args:
        correct: [N], whether the answer was right.
        truncated: [N], whether the row lost tokens.

    Returns:
        For each of the two that has rows: name ("read whole" or "truncated"), rows, accuracy, accuracy_ci95.
    """
    parts = (("read whole", ~truncated), ("truncated", truncated))
    return [_slice(name, correct[rows]) for name, rows in parts if rows.any()]


def by_columns(
    columns: Mapping[str, CellColumn],
    names: Collection[str],
    rows: NDArray[np.bool_] | None,
    chosen: Integers,
    truths: Integers,
) -> dict[str, Any]:
    """Return accuracy and macro F1 for each value of columns: see `sliced`. chosen, truths: [N], of the judged rows."""

    def more(part: NDArray[np.bool_]) -> dict[str, Any]:
        return {"macro_f1": macro_f1(chosen[part], truths[part])}

    return sliced(columns, names, rows, chosen == truths, ACCURACY, more)


def macro_f1(chosen: Integers, truths: Integers) -> float:
    """Return the mean F1 of the classes that some row has or is answered with. chosen, truths: [N], N > 0."""
    scores = []
    for k in np.union1d(chosen, truths):
        both = int(((chosen == k) & (truths == k)).sum())
        scores.append(2 * both / int((chosen == k).sum() + (truths == k).sum()))
    return float(np.mean(scores))
