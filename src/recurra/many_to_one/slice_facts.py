"""Figures of the rows of each value of a column in words: what card, report and terminal say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.evaluation.comparison import MEASURES

MOST_TOLD = 5
"""Slices of a column that sentences tell of."""


def measure_of(part: Mapping[str, Any]) -> str:
    """Return the name of the measure that a slice has."""
    return next(name for name in MEASURES if name in part)


def slice_sentences(test: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each column: which of its slices are clearly worse than all rows, or that none is.

    test: the scores of some rows; what `by_column` returns of each column is in "columns" of its "slices".
    """
    said = []
    for column, found in ((test.get("slices") or {}).get("columns") or {}).items():
        worse = [one for one in found["slices"] if one["clearly"] == "worse" and not one["small"]]
        small = sum(one["small"] for one in found["slices"])
        if not found["slices"]:
            continue
        measure = MEASURES[measure_of(found["slices"][0])]
        whole = measure.shown(test[measure.name])
        few = f" {small:,} of its slices ha{'s' if small == 1 else 've'} too few rows to tell." if small else ""
        if not worse:
            said.append(f"{column}: no slice is clearly worse than all rows ({measure.title} {whole}).{few}")
            continue
        named = "; ".join(
            f"{one['name'][:60]} {measure.shown(one[measure.name])} ("
            f"{' to '.join(map(measure.shown, one[f'{measure.name}_ci95']))}, {one['rows']:,} rows)"
            for one in worse[:MOST_TOLD]
        )
        more = f"; and {len(worse) - MOST_TOLD:,} more" if len(worse) > MOST_TOLD else ""
        said.append(f"{column}: clearly worse than all rows ({measure.title} {whole}) are {named}{more}.{few}")
    return said
