"""A long table: a row for each series and time, as Nixtla's libraries name it: `unique_id, ds, y` and further columns.

The rows may come in any order. A series is where its name first appears; its frames are in order of time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.long_rows import constant, read_long_rows
from recurra.data.series.number_text import NotANumber
from recurra.data.series.series_set import SeriesSet, collected
from recurra.data.series.times import time_keys
from recurra.data.tables.header import delimiter_hint
from recurra.data.tables.table import Table, listed
from recurra.errors import ColumnError, DataError, ReadError, brief

ID, TIME = "unique_id", "ds"
"""Nixtla's names of the columns with the name of a row's series, and with its time."""


def read_long_frame(
    table: Table, id_: str | None, time: str | None, values: Sequence[str] | None, constants: Sequence[str]
) -> SeriesSet:
    """Return the series of a long table.

    id_, time: the columns of a row's series and time; None for ID and TIME. values: those of the channels; None for all
    that hold numbers and are none of the others. constants: columns that have one value in each series.
    Raises ColumnError for a column that is not there; DataError for a row that is there twice, and a constant
    that varies; ReadError for a row without series or time, and a value that is no number.
    """
    id_ = _found(table, id_, ID, "--id", "the name of each row's series")
    time = _found(table, time, TIME, "--time", "the time of each row")
    rows = read_long_rows(table, id_, time, values, constants)
    order, keys = _order(table, rows.codes, rows.times, time)
    code_sorted, keys_sorted = rows.codes[order], keys[order]
    same = code_sorted[1:] == code_sorted[:-1]
    twice = same & (keys_sorted[1:] == keys_sorted[:-1])
    _check_no_duplicate(table, twice, order, id_, time, rows.names, rows.codes, rows.times)
    notes = rows.notes
    if (np.diff(order) != 1).any():
        notes = [*notes, f"The rows are not sorted by {brief(id_)} and {brief(time)}; they were sorted."]
    starts = np.concatenate([[0], np.flatnonzero(~same) + 1])
    kept = {name: constant(table, rows, name, order) for name in constants}
    frames = np.split(rows.values[order], starts[1:])
    return collected(table.path, rows.channels, rows.names, frames, kept, notes)


def _found(table: Table, given: str | None, usual: str, option: str, what: str) -> str:
    """Return the column given, or the usual one. Raises ColumnError where it is not there."""
    if given is None and usual not in table.columns:
        raise ColumnError(
            f"{table.path} has no column '{usual}' with {what}; name it with {option}. Columns found: "
            f"{listed(table.columns)}.{delimiter_hint(table.columns) if table.format in ('csv', 'tsv') else ''}"
        )
    table.positions([given or usual])
    return given or usual


def _order(
    table: Table, code: NDArray[np.int64], times: list[str | None], time: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order of the rows by series and time, and numbers in the order of the times: [N] both."""
    try:
        keys = time_keys(times)
    except NotANumber as error:
        raise ReadError(
            f"{table.path}, row {error.place + 1:,}: the column {brief(time)} holds {brief(error.text)}; times must be "
            "all numbers, or all dates and times as in 2024-05-31 or 2024-05-31T08:30:00."
        ) from None
    return np.lexsort((keys, code)), keys


def _check_no_duplicate(
    table: Table,
    twice: NDArray[np.bool_],
    order: NDArray[np.int64],
    id_: str,
    time: str,
    names: list[str],
    code: NDArray[np.int64],
    times: list[str | None],
) -> None:
    """Raise DataError for the first row whose series and time another row before it has. twice: [N - 1] in `order`."""
    if not twice.any():
        return
    places = np.flatnonzero(twice)
    at = places[order[places + 1].argmin()]
    first, second = int(order[at]), int(order[at + 1])
    raise DataError(
        f"{table.path}, row {second + 1:,}: series {brief(names[code[second]])} has the time {brief(times[second])} a "
        f"second time, after row {first + 1:,} (the columns {brief(id_)} and {brief(time)}); keep one row for each."
    )
