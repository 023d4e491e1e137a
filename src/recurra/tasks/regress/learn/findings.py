"""What to tell of the rows before training: their numbers, gaps, repeats, unknown words and cut texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.number_cells import NumberColumn
from recurra.evaluation.metric import Floats

EXAMPLES = 5
FEW_VALUES = 10
"""Up to so many different whole numbers are perhaps classes in an order, or names of classes."""
FAR = 10.0
"""A target that is so many times the middle half's width away from it is told: a slip of the pen, perhaps."""


def summary(targets: Floats) -> dict[str, Any]:
    """Return the facts about numbers [N], ready for JSON: rows, distinct, mean, deviation, and least, quarters and
    largest."""
    return {
        "rows": len(targets),
        "distinct": len(np.unique(targets)),
        "mean": float(targets.mean()),
        "deviation": float(targets.std()),
        "quarters": [float(value) for value in np.quantile(targets, [0, 0.25, 0.5, 0.75, 1])],
    }


def summary_in_words(name: str, facts: Mapping[str, Any]) -> str:
    """Return the facts about numbers in a sentence."""
    least, low, middle, high, most = facts["quarters"]
    return (
        f"Numbers ({name}): {least:g} to {most:g}, half of them from {low:g} to {high:g}, median {middle:g}, mean "
        f"{facts['mean']:.4g}; {facts['distinct']:,} different ones in {facts['rows']:,} rows."
    )


def number_findings(
    column: NumberColumn, facts: Mapping[str, Any], targets: Floats, rows: NDArray[np.int64]
) -> list[str]:
    """Return in plain sentences what is odd about the numbers, if anything is. targets [N]; rows [N]: their numbers in
    the file."""
    found = []
    for kind, count in (("missing", column.missing), ("infinite", column.infinite)):
        if count:
            which = ", ".join(map(str, column.examples[kind]))
            are = "is" if count == 1 else "are"
            rows_in_words = "row whose number" if count == 1 else "rows whose number"
            found.append(f"{count:,} {rows_in_words} {are} {kind}, left out (see rows {which}).")
    whole = bool((targets == np.round(targets)).all())
    if whole and facts["distinct"] <= FEW_VALUES:
        found.append(
            f"The numbers are {facts['distinct']} whole ones: if they are ratings, --task classify --ordered learns "
            "them as classes in an order, with a probability for each; if they are codes of classes, --task classify."
        )
    _, low, _, high, _ = facts["quarters"]
    width = high - low
    far = (targets < low - FAR * width) | (targets > high + FAR * width)
    if width > 0 and far.any():
        worst = np.flatnonzero(far)[np.argsort(-np.abs(targets[far] - facts["mean"]))[:EXAMPLES]]
        told = ", ".join(f"{targets[one]:g} in row {rows[one]}" for one in worst)
        found.append(
            f"{int(far.sum()):,} numbers are far from all others ({told}): they count most in the squared error; "
            "correct or remove them if they are mistakes."
        )
    return found


def repeat_findings(report: Mapping[str, Any]) -> list[str]:
    """Return what `DataQuality.report` found about repeats and gaps, in sentences."""
    found = []
    examples = report["examples"]
    if report["conflicting_texts"]:
        found.append(
            f"{report['conflicting_texts']:,} texts come with more than one number ({report['conflicting_rows']:,} "
            f"rows): no model can be right on all{_see(examples['conflicts'])}."
        )
    if report["normalised_duplicates"]:
        found.append(
            f"{report['normalised_duplicates']:,} rows of {report['rows']:,} repeat another row's text "
            f"({report['exact_duplicates']:,} exactly; the rest apart from case, white space or HTML); no copy counts "
            f"on both sides of a split{_see(examples['duplicates'])}."
        )
    if report["empty_texts"]:
        found.append(f"{report['empty_texts']:,} rows without text{_see(examples['empty_texts'])}.")
    return found


def _see(rows: Sequence[Any]) -> str:
    first = rows[0] if rows and isinstance(rows[0], list) else rows
    return f" (see rows {', '.join(str(row) for row in first[:EXAMPLES])})" if first else ""
