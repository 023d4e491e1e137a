"""The columns by whose values figures are given apart: which, and the figures of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.data.tables.table import listed
from recurra.errors import OptionError, did_you_mean
from recurra.evaluation.comparison import Measure
from recurra.evaluation.slices import by_column
from recurra.options.columns import column_names


def slice_columns(given: str | None, columns: Sequence[str], taken: Collection[str | None]) -> list[str]:
    """Return the columns that --slice names. taken: those of the texts and their answers.

    Raises OptionError for a column that there is not, or that is taken.
    """
    names = list(dict.fromkeys(column_names(given or "")))
    if given is not None and not names:
        raise OptionError("--slice names no column. Give one, or several with commas between them.")
    for name in names:
        if name not in columns:
            raise OptionError(
                f"--slice {name}: there is no such column.{did_you_mean(name, columns)} Columns found: "
                f"{listed(columns)}."
            )
        if name in taken:
            raise OptionError(
                f"--slice {name}: the column holds the texts or their answers, whose figures are given anyway. Name "
                "another one."
            )
    return names


def sliced(
    columns: Mapping[str, CellColumn],
    names: Collection[str],
    rows: NDArray[np.bool_] | None,
    run: NDArray[Any],
    measure: Measure,
    more: Callable[[NDArray[np.bool_]], dict[str, Any]],
) -> dict[str, Any]:
    """Return what `by_column` says of each column that was asked for, by its name."""
    return {name: by_column(columns[name], rows, run, measure, more) for name in names}
