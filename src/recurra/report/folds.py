"""The part of a report on cross-validation: the scores of each fold, and how far they are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report import wording
from recurra.report.blocks import table
from recurra.report.quantity import Quantity

HEADING = "The folds"


def lead(found: Mapping[str, Any]) -> str:
    """Return a sentence on cross-validation. found: "folds" of metrics.json."""
    return (
        f"The scores of this report are those of {found['folds']} models, each judged on rows that it has not seen, "
        "all rows together. The model itself was trained on all rows afterwards, and is no worse than they are, as far "
        "as more rows help. The spread says how much a score depends on which rows are held out."
    )


def body(found: Mapping[str, Any], quantities: Mapping[str, Quantity]) -> Markup:
    """Return the table of the folds, with mean and standard deviation, and the first score of the baseline."""
    names = [name for name in quantities if name in found["scores"]]
    first = next((name for name in names if name in found["baseline"]), None)
    columns = ["Fold", "Rows", *(quantities[name].title for name in names)]
    columns += ["Baseline"] if first else []

    def cells(value: Any) -> list[str]:
        of = [quantities[name].show(value(found["scores"][name])) for name in names]
        return of + ([quantities[first].show(value(found["baseline"][first]))] if first else [])

    rows: list[list[object]] = []
    for number, fold in enumerate(found["each"]):
        rows.append([number + 1, wording.count(fold["rows"]), *cells(lambda score, n=number: score["values"][n])])
    rows.append(["Mean", "", *cells(lambda score: score["mean"])])
    rows.append(["Standard deviation", "", *cells(lambda score: score["sd"])])
    return table(columns, rows, numbers=len(columns) - 1)
