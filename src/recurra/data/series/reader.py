"""The readers of series, and which one a path asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recurra.data.series.arff_file import read_arff
from recurra.data.series.csv_folder import read_csv_folder
from recurra.data.series.list_column import chosen_lists, list_columns, read_list_columns
from recurra.data.series.long_frame import ID, read_long_frame
from recurra.data.series.series_set import SeriesSet
from recurra.data.series.ts_file import read_ts
from recurra.data.tables.bytes_check import check_is_file
from recurra.data.tables.location import names_beside
from recurra.data.tables.object_table import HoldsObjects
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import PLAIN, Dialect, Table, listed
from recurra.errors import ColumnError, OptionError, ReadError, brief, did_you_mean

FILES = {".ts": read_ts, ".arff": read_arff}
"""Readers of whole files that name their own columns, by suffix; the suffix may be followed by .gz."""


def read_series(
    path: str | Path,
    *,
    series: Sequence[str] | str | None = None,
    id: str | None = None,  # the name that users give it
    time: str | None = None,
    values: Sequence[str] | str | None = None,
    constants: Sequence[str] = (),
    dialect: Dialect = PLAIN,
) -> SeriesSet:
    """Return the series of a file or folder, with the reader that its name, its columns and the arguments ask for.

    series: columns of lists in Parquet or JSON. id, time, values: the columns of a long table with the name of a
    row's series, its time, and the channels. constants: columns of a table that have one value for each series, and are
    wanted in `columns`. dialect: how a text table is written. Without `series`, a table with `unique_id`, or one for
    which `time` or `values` are given, is a long one; another is one of lists where it has any.
    Raises ReadError, ColumnError or DataError for a file that cannot be used, OptionError for an argument that says
    nothing about such a file.
    """
    path = Path(path)
    if not path.exists():
        raise ReadError(f"{path} does not exist.{did_you_mean(path.name, names_beside(path))}")
    check_is_file(path)
    lists = [series] if isinstance(series, str) else list(series or ())
    channels = [values] if isinstance(values, str) else list(values) if values else None
    reader = FILES.get(Path(path.name.lower().removesuffix(".gz")).suffix)
    if path.is_file() and reader:
        for name, given in {"series": lists, "id": id, "time": time, "values": channels}.items():
            if given:
                raise OptionError(f"--{name} names a column of a table, and {path} is none.")
        return _checked(path, reader(path), constants)
    if path.is_dir():
        if lists or id:
            raise OptionError(f"--{'series' if lists else 'id'} names a column of one table, and {path} is a folder.")
        return _checked(path, read_csv_folder(path, time, channels, dialect), constants)
    table = open_table(path, dialect)
    return read_series_table(table, series=lists, id=id, time=time, values=channels, constants=constants)


def is_series_file(path: str | Path) -> bool:
    """Return whether a path is a file or folder that names its own columns: .ts, .arff, or a folder of tables."""
    path = Path(path)
    return path.is_dir() or Path(path.name.lower().removesuffix(".gz")).suffix in FILES


def read_series_table(
    table: Table,
    *,
    series: Sequence[str] = (),
    id: str | None = None,
    time: str | None = None,
    values: Sequence[str] | None = None,
    constants: Sequence[str] = (),
) -> SeriesSet:
    """Return the series of a table: of its columns of lists, or of its long rows; see `read_series`."""
    lists, channels = list(series), None if values is None else list(values)
    if lists or (time is None and channels is None and has_lists(table)):
        if not isinstance(table, HoldsObjects | ParquetTable):
            raise OptionError(
                f"--series names a column of lists, which {table.path} cannot hold: only Parquet and JSON do."
            )
        if time or channels:
            raise OptionError("--time and --values name the columns of a long table; with --series leave them out.")
        return read_list_columns(table, lists or chosen_lists(table), id, constants)
    return read_long_frame(table, id, time, channels, constants)


def has_lists(table: Table) -> bool:
    """Return whether a table is one of series in columns of lists, and not a long one."""
    return isinstance(table, HoldsObjects | ParquetTable) and ID not in table.columns and bool(list_columns(table))


def _checked(path: Path, found: SeriesSet, constants: Sequence[str]) -> SeriesSet:
    """Return the series. Raises ColumnError where one of the constants is not there."""
    for name in constants:
        if name not in found.columns:
            raise ColumnError(
                f"{path} has no column {brief(name)}.{did_you_mean(name, found.columns)} Columns found: "
                f"{listed(tuple(found.columns))}."
            )
    return found
