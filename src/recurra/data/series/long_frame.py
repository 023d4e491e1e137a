"""A long table: a row for each series and time, as Nixtla's libraries name it: `unique_id, ds, y` and further columns.

The rows may come in any order. A series is where its name first appears; its frames are in order of time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.number_text import NotANumber, is_missing, numbers
from recurra.data.series.series_set import SeriesSet, collected
from recurra.data.series.times import time_keys
from recurra.data.tables.header import delimiter_hint
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.table import Table, listed
from recurra.errors import ColumnError, DataError, ReadError, brief

ID, TIME = "unique_id", "ds"
"""Nixtla's names of the columns with the name of a row's series, and with its time."""
BATCH = 1 << 14


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
    table.positions([*(values or ()), *constants])
    roles = {id_, time, *constants}
    candidates = list(values) if values is not None else [it for it in _flat(table) if it not in roles]
    if twice := next((it for it in candidates if it in (id_, time) or candidates.count(it) > 1), None):
        raise ColumnError(f"The column {brief(twice)} cannot be a channel as well as something else, or twice.")
    columns = _Columns(table, candidates, chosen=values is not None)
    series = _Codes()
    held = {name: _Codes() for name in constants}
    times: list[str | None] = []
    wanted = list(dict.fromkeys([id_, time, *constants, *candidates]))
    for batch in table.batches(wanted, BATCH):
        by_name = dict(zip(wanted, zip(*batch, strict=True), strict=True))
        series.add(by_name[id_])
        times += by_name[time]
        for name, codes in held.items():
            codes.add(by_name[name])
        columns.add(by_name, first=len(times) - len(batch) + 1)
    channels, frames, notes = columns.finished()
    code = series.codes()
    for text in series.names:
        if text is None or not text.strip():
            row = int(np.flatnonzero(code == series.names[text])[0]) + 1
            raise ReadError(f"{table.path}, row {row:,}: no name of its series in the column {brief(id_)}.")
    order, keys = _order(table, code, times, time)
    code_sorted, keys_sorted = code[order], keys[order]
    same = code_sorted[1:] == code_sorted[:-1]
    _check_no_duplicate(
        table, same & (keys_sorted[1:] == keys_sorted[:-1]), order, id_, time, list(series.names), code, times
    )
    if (np.diff(order) != 1).any():
        notes.append(f"The rows are not sorted by {brief(id_)} and {brief(time)}; they were sorted.")
    starts = np.concatenate([[0], np.flatnonzero(~same) + 1])
    kept: dict[str, list[str | None]] = {}
    for name, codes in held.items():
        of_row, texts = codes.codes()[order], list(codes.names)
        changes = np.flatnonzero(same & (of_row[1:] != of_row[:-1]))
        if len(changes):
            at = int(changes[0])
            raise DataError(
                f"{table.path}: {brief(name)} must have one value in each series, but has "
                f"{brief(texts[of_row[at]])} and {brief(texts[of_row[at + 1]])} in series "
                f"{brief(list(series.names)[code_sorted[at]])} (row {int(order[at + 1]) + 1:,})."
            )
        kept[name] = [texts[of_row[start]] for start in starts]
    ids = [str(name) for name in series.names]
    return collected(table.path, channels, ids, np.split(frames[order], starts[1:]), kept, notes)


class _Codes:
    """Texts as numbers, in order of first appearance. names: the number of each text."""

    def __init__(self) -> None:
        self.names: dict[str | None, int] = {}
        self._parts: list[NDArray[np.int64]] = []

    def add(self, texts: Sequence[str | None]) -> None:
        names = self.names
        self._parts.append(np.array([names.setdefault(text, len(names)) for text in texts], dtype=np.int64))

    def codes(self) -> NDArray[np.int64]:
        """Return the number of each text: [N]."""
        return np.concatenate(self._parts)


class _Columns:
    """The channels of a table, gathered batch by batch. chosen: whether the caller named them."""

    def __init__(self, table: Table, names: Sequence[str], chosen: bool) -> None:
        self._table, self._chosen = table, chosen
        self._parts: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
        self._known: set[str] = set(names) if chosen else set()
        self._texts: list[str] = []

    def add(self, columns: dict[str, tuple[str | None, ...]], first: int) -> None:
        """Take the columns of a batch. first: the row number of its first row, from 1."""
        for name in list(self._parts):
            texts = columns[name]
            if name not in self._known and (said := next((it for it in texts if not is_missing(it)), None)) is not None:
                try:
                    numbers([said])
                    self._known.add(name)
                except NotANumber:
                    del self._parts[name]
                    self._texts.append(name)
                    continue
            try:
                self._parts[name].append(numbers(texts))
            except NotANumber as error:
                others = "" if self._chosen else " Name the columns of the channels with --values."
                raise ReadError(
                    f"{self._table.path}, row {first + error.place:,}: the column {brief(name)} holds "
                    f"{brief(error.text)}, which is no number.{others}"
                ) from None

    def finished(self) -> tuple[list[str], NDArray[np.float64], list[str]]:
        """Return the names of the channels, their values [N, C], and what there is to say."""
        names = [name for name in self._parts if name in self._known]
        empty = [name for name in self._parts if name not in self._known]
        if not names:
            raise ColumnError(
                f"{self._table.path} has no column of numbers. Name the channels with --values. Columns found: "
                f"{listed(self._table.columns)}."
            )
        notes = []
        if self._texts:
            notes.append(f"Columns that hold no numbers are not read: {listed(self._texts)}.")
        if empty:
            notes.append(f"Columns without a value are not read: {listed(empty)}.")
        return names, np.stack([np.concatenate(self._parts[name]) for name in names], axis=1), notes


def _found(table: Table, given: str | None, usual: str, option: str, what: str) -> str:
    """Return the column given, or the usual one. Raises ColumnError where it is not there."""
    if given is None and usual not in table.columns:
        raise ColumnError(
            f"{table.path} has no column '{usual}' with {what}; name it with {option}. Columns found: "
            f"{listed(table.columns)}.{delimiter_hint(table.columns) if table.format in ('csv', 'tsv') else ''}"
        )
    table.positions([given or usual])
    return given or usual


def _flat(table: Table) -> list[str]:
    """Return the columns that may hold numbers."""
    if not isinstance(table, ParquetTable):
        return list(table.columns)
    return [name for name in table.columns if table.holds_numbers(name)]


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
    names: list[str | None],
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
