"""The rows of a long table, in the order of the file: of which series each is, its time, and its numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.number_text import NotANumber, is_missing, numbers
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.table import Table, listed
from recurra.errors import ColumnError, DataError, ReadError, brief

BATCH = 1 << 14
_COMMA = re.compile(r"[+-]?[0-9.]*(?:,[0-9]+)+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class LongRows:
    """N rows of a long table.

    names: of the series, in order of first appearance; codes: [N], the number of each row's among them. times: [N] as
    they are written, None where there is none. channels: names of C columns; values: [N, C], NaN where one is missing.
    constants: texts of further columns by name, [N] each. notes: what was found, a sentence each.
    """

    names: list[str]
    codes: NDArray[np.int64]
    times: list[str | None]
    channels: list[str]
    values: NDArray[np.float64]
    constants: dict[str, Codes]
    notes: list[str]


def read_long_rows(
    table: Table,
    id_: str | None,
    time: str,
    values: Sequence[str] | None,
    constants: Sequence[str] = (),
    name: str = "",
) -> LongRows:
    """Return the rows of a long table.

    id_, time: the columns of a row's series and time; without the first, all rows are of one series, called `name`.
    values: the columns of numbers; None for all that hold numbers and are none of the others. constants: further ones.
    Raises ColumnError for a column that is not there, ReadError for a row without a series and a value that is no
    number.
    """
    table.positions([*(values or ()), *constants])
    of_rows = [time] if id_ is None else [id_, time]
    roles = {*of_rows, *constants}
    candidates = list(values) if values is not None else [it for it in _flat(table) if it not in roles]
    if twice := next((it for it in candidates if it in of_rows or candidates.count(it) > 1), None):
        raise ColumnError(f"The column {brief(twice)} cannot be a channel as well as something else, or twice.")
    columns = _Columns(table, candidates, chosen=values is not None)
    series = Codes()
    held = {name: Codes() for name in constants}
    times: list[str | None] = []
    wanted = list(dict.fromkeys([*of_rows, *constants, *candidates]))
    for batch in table.batches(wanted, BATCH):
        by_name = dict(zip(wanted, zip(*batch, strict=True), strict=True))
        series.add([name] * len(batch) if id_ is None else by_name[id_])
        times += by_name[time]
        for constant, codes in held.items():
            codes.add(by_name[constant])
        columns.add(by_name, first=len(times) - len(batch) + 1)
    channels, frames, notes = columns.finished()
    code = series.codes()
    for text in series.names:
        if text is None or not text.strip():
            row = int(np.flatnonzero(code == series.names[text])[0]) + 1
            raise ReadError(f"{table.path}, row {row:,}: no name of its series in the column {brief(id_ or name)}.")
    return LongRows([str(text) for text in series.names], code, times, channels, frames, held, notes)


def constant(table: Table, rows: LongRows, name: str, order: NDArray[np.int64]) -> list[str | None]:
    """Return the text of a constant in each series, in the order of `rows.names`. order: of the rows, by series first.

    Raises DataError where it is not the same in all rows of a series.
    """
    codes = rows.codes[order]
    same = codes[1:] == codes[:-1]
    of_row, texts = rows.constants[name].codes()[order], list(rows.constants[name].names)
    changes = np.flatnonzero(same & (of_row[1:] != of_row[:-1]))
    if len(changes):
        at = int(changes[0])
        raise DataError(
            f"{table.path}: {brief(name)} must have one value in each series, but has "
            f"{brief(texts[of_row[at]])} and {brief(texts[of_row[at + 1]])} in series "
            f"{brief(rows.names[codes[at]])} (row {int(order[at + 1]) + 1:,})."
        )
    return [texts[of_row[start]] for start in np.concatenate([[0], np.flatnonzero(~same) + 1])]


class Codes:
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
                if _COMMA.fullmatch(error.text.strip()):
                    others = " Write decimals with a point, and thousands without a mark."
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


def _flat(table: Table) -> list[str]:
    """Return the columns that may hold numbers."""
    if not isinstance(table, ParquetTable):
        return list(table.columns)
    return [name for name in table.columns if table.holds_numbers(name)]
