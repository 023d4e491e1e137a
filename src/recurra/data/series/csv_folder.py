"""A folder with a folder for each class, and in it a table for each series: `walking/01.csv`, `running/01.csv`.

A folder with the tables themselves, or one such table, has series without a class. The header of a table names the
channels; a column `ds`, if there is one, has the times of its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.long_frame import TIME
from recurra.data.series.number_text import NotANumber, numbers
from recurra.data.series.series_set import SeriesSet, collected
from recurra.data.series.times import time_keys
from recurra.data.series.ts_file import LABEL
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import PLAIN, Dialect, Table, listed
from recurra.errors import ColumnError, DataError, ReadError, brief

SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


def read_csv_folder(path: Path, time: str | None, values: Sequence[str] | None, dialect: Dialect = PLAIN) -> SeriesSet:
    """Return the series of a folder, by class and then by name; their column is LABEL, the name of the class' folder.

    Where no folder in it holds a table, its own tables are the series, which then have no column.

    time: the column with the time of a row; None for `ds` where it is there, or else for the order in the file. values:
    the columns of the channels; None for all but that one, in the order of the first table.
    Raises ReadError for a value that is no number, ColumnError for a table without one of the channels, or with another
    column than the first has, DataError for a time that is there twice.
    """
    ids, found, notes = [], [], []
    labels: list[str | None] = []
    unsorted = 0
    channels = list(values) if values is not None else None
    known: tuple[str, ...] = ()
    for label, file in _files(path):
        table = open_table(file, dialect)
        if channels is None:
            channels = [name for name in table.columns if name != (time or TIME)]
        known = known or table.columns
        if values is None and set(table.columns) != set(known):
            raise ColumnError(
                f"{file} has the columns {listed(table.columns)}, where the first table has {listed(known)}. Name "
                "those of the channels with --values."
            )
        series, in_order = _series(table, channels, time or (TIME if TIME in table.columns else None))
        unsorted += not in_order
        ids.append(file.relative_to(path).as_posix())
        labels.append(label)
        found.append(series)
    if not found:
        raise ReadError(
            f"{path} is a folder without tables of series. Expected {path}/walking/01.csv (any names), one file a "
            f"series, or without classes {path}/01.csv; or name one file."
        )
    if not channels:
        raise ColumnError(f"{path}: the tables have no column of a channel. Columns found: {listed(known)}.")
    if unsorted:
        notes.append(f"The rows of {unsorted:,} series are not sorted by time; they were sorted.")
    columns: dict[str, list[str | None]] = {} if None in labels else {LABEL: labels}
    return collected(path, channels, ids, found, columns, notes)


def read_one_csv(table: Table, time: str | None, values: Sequence[str] | None) -> SeriesSet:
    """Return the one series in a table, named like its file. Arguments and errors: see `read_csv_folder`."""
    channels = list(values) if values is not None else [name for name in table.columns if name != (time or TIME)]
    table.positions(channels)
    series, in_order = _series(table, channels, time or (TIME if TIME in table.columns else None))
    notes = [] if in_order else ["The rows are not sorted by time; they were sorted."]
    return collected(table.path, channels, [table.path.name], [series], {}, notes)


def _files(path: Path) -> list[tuple[str | None, Path]]:
    """Return the tables in a folder, with the class of each: those in its class folders, or else its own."""
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    found = [(folder.name, file) for folder in folders for file in _tables(folder)]
    return [*found] or [(None, file) for file in _tables(path)]


def _tables(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.lower().endswith(SUFFIXES) and not file.name.startswith("."):
            yield file


def _series(table: Table, channels: Sequence[str], time: str | None) -> tuple[NDArray[np.float64], bool]:
    """Return the frames of a table in order of time: [T, C], and whether they were so in the file."""
    wanted = [*channels, *([time] if time else [])]
    rows = [row for batch in table.batches(wanted) for row in batch]
    if not rows:
        raise ReadError(f"{table.path} has no rows; a series needs at least one.")
    columns = dict(zip(wanted, zip(*rows, strict=True), strict=True))
    name = ""
    try:
        parts = []
        for name in channels:
            parts.append(numbers(columns[name]))
        frames = np.stack(parts, axis=1) if parts else np.empty((len(rows), 0))
        if time is None:
            return frames, True
        name = time
        keys = time_keys(columns[time])
    except NotANumber as error:
        what = "which is no number" if name != time else "which is not a time like the others"
        raise ReadError(
            f"{table.path}, row {error.place + 1:,}: the column {brief(name)} holds {brief(error.text)}, {what}."
        ) from None
    order = np.argsort(keys, kind="stable")
    if len(twice := np.flatnonzero(np.diff(keys[order]) == 0)):
        row = int(order[twice[0] + 1])
        raise DataError(f"{table.path}, row {row + 1:,}: the time {brief(columns[time][row])} is there twice.")
    return frames[order], bool((np.diff(order) == 1).all())
