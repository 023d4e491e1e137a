"""Columns of lists, in Parquet or JSON: a row for each series.

A list of numbers is one channel, a list of frames [T][C] is several. With several columns, each is one channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.series_set import SeriesSet, channel_names, collected
from recurra.data.tables.object_table import HoldsObjects
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.table import Row
from recurra.errors import ColumnError, ReadError, brief

EXPECTED = "a list of numbers, or of frames with a number for each channel"


def read_list_columns(
    table: HoldsObjects | ParquetTable, names: Sequence[str], id_: str | None, constants: Sequence[str]
) -> SeriesSet:
    """Return the series in columns of lists.

    names: those columns; id_: the column with the name of a series, None for the row's number, from 1.
    Raises ColumnError for a column that is not there, ReadError (with the row) for what is no list of numbers or
    frames, DataError for a name that two series have.
    """
    texts = list(dict.fromkeys([*([id_] if id_ else []), *constants]))
    table.positions([*names, *texts])
    found = _json_rows(table, names, texts) if isinstance(table, HoldsObjects) else table.rows_with_lists(names, texts)
    ids: dict[str, int] = {}
    values: list[NDArray[np.float64]] = []
    kept: dict[str, list[str | None]] = {name: [] for name in constants}
    for number, (lists, row) in enumerate(found, 1):
        where = f"{table.path}, row {number:,}"
        values.append(_series(lists, names, where, values[0].shape[1] if values else None))
        by_name = dict(zip(texts, row, strict=True))
        name = by_name[id_] if id_ else str(number)
        if not name:
            raise ReadError(f"{where}: no name of the series in the column {brief(id_)}.")
        if ids.setdefault(name, number) != number:
            raise ReadError(f"{where}: series {brief(name)} was already in row {ids[name]:,}; each needs its own name.")
        for constant in constants:
            kept[constant].append(by_name[constant])
    if not values:
        raise ReadError(f"{table.path} has no rows.")
    width = values[0].shape[1]
    channels = tuple(names) if len(names) == width else channel_names(width)
    return collected(table.path, channels, list(ids), values, kept)


def _json_rows(table: HoldsObjects, names: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[list[Any], Row]]:
    """Yield the values of `names`, parsed, and of `texts`, as text, of each row."""
    for line, _, row in table.rows_with_lines(texts):
        given = json.loads(line)
        yield [_under(given, name) for name in names], row


def _under(row: dict[str, Any], name: str) -> Any:
    """Return the value of a column whose name may be a path with dots; None where there is none."""
    if name in row:
        return row[name]
    value: Any = row
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _series(lists: Sequence[Any], names: Sequence[str], where: str, width: int | None) -> NDArray[np.float64]:
    """Return one series from its lists, one for each of `names`: [T, C]. width: C of the series before, if any."""
    parts = [_matrix(value, f"{where}: the column {brief(name)}") for name, value in zip(names, lists, strict=True)]
    for name, part in zip(names, parts, strict=True):
        if len(parts) > 1 and part.shape[1] > 1:
            raise ReadError(f"{where}: with several columns each is one channel, but {brief(name)} holds frames.")
        if len(part) != len(parts[0]):
            raise ReadError(
                f"{where}: {brief(names[0])} has {len(parts[0]):,} values and {brief(name)} has {len(part):,}; the "
                "channels of a series must be equally long."
            )
    series = np.concatenate(parts, axis=1)
    if width is not None and series.shape[1] != width:
        raise ReadError(f"{where}: frames of {series.shape[1]} numbers, where the series before have {width}.")
    return series


def _matrix(value: Any, where: str) -> NDArray[np.float64]:
    """Return a list as [T, C], NaN where it holds a null. Raises ReadError for what is neither of EXPECTED."""
    if value is None or value == []:
        raise ReadError(f"{where} is empty. Expected {EXPECTED}.")
    if not isinstance(value, list):
        raise ReadError(f"{where} holds {brief(value, 40)}. Expected {EXPECTED}.")
    width = next((len(frame) for frame in value if isinstance(frame, list)), None)
    if width is None:
        return _floats(value, where)[:, None]
    if not width:
        raise ReadError(f"{where} has frames without a number. Expected {EXPECTED}.")
    gap = [None] * width
    frames = [gap if frame is None else frame for frame in value]
    for number, frame in enumerate(frames, 1):
        if not isinstance(frame, list):
            raise ReadError(
                f"{where}, frame {number:,} is {brief(frame, 40)}, where others are lists. Expected {EXPECTED}."
            )
        if len(frame) != width:
            raise ReadError(f"{where}, frame {number:,} has {len(frame)} numbers, where the first has {width}.")
    return _floats(list(chain.from_iterable(frames)), where).reshape(-1, width)


def _floats(values: list[Any], where: str) -> NDArray[np.float64]:
    """Return a flat list as numbers: [N]. Raises ReadError for texts, truth values and lists."""
    if odd := {type(value) for value in values} - {int, float, type(None)}:
        wrong = next(value for value in values if type(value) in odd)
        raise ReadError(f"{where} holds {brief(wrong, 40)}, which is no number. Expected {EXPECTED}.")
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        raise ReadError(f"{where} holds a number too large to be read.") from None


def list_columns(table: HoldsObjects | ParquetTable) -> list[str]:
    """Return the columns that hold lists, by the types of a Parquet file or the first row of JSON."""
    if isinstance(table, ParquetTable):
        return [name for name in table.columns if table.holds_lists(name)]
    first = next(table.rows_with_lines(()))[0]
    row = json.loads(first)
    return [name for name in table.columns if isinstance(_under(row, name), list)]


def chosen_lists(table: HoldsObjects | ParquetTable) -> list[str]:
    """Return the column of lists to read where none was named: `series`, or the only one.

    Raises ColumnError for several.
    """
    found = list_columns(table)
    if len(found) == 1 or "series" in found:
        return ["series"] if "series" in found else found
    raise ColumnError(
        f"{table.path} has several columns of lists ({', '.join(map(repr, found))}); name those of the series with "
        "--series."
    )
