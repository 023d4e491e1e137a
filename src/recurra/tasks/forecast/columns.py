"""Which columns of a long table hold the name of a series, the time, the value: named, as in training, or obvious."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from recurra.data.series.long_frame import ID, TIME
from recurra.data.series.number_text import NotANumber, is_missing, numbers
from recurra.data.series.times import moment
from recurra.data.tables.header import delimiter_hint
from recurra.data.tables.table import Table, listed
from recurra.errors import ColumnError, brief
from recurra.tasks.forecast.options import ForecastFileOptions

TARGET = "y"
"""Nixtla's name of the column with the values."""
TIMES = ("date", "datetime", "timestamp", "time", "period", "month", "quarter", "week", "day", "year")
"""Names of columns that obviously hold the time, in falling order of preference."""
INDEX = ("", "Unnamed: 0")
"""What pandas calls an index that it writes."""
HEAD = 100
"""Rows that are looked at to find the column with the values."""

Covariates = Mapping[str, Sequence[str]]
"""Names of columns by kind: past, future, static."""


class Columns(NamedTuple):
    """The columns with the name of a row's series (None: all are of one), its time, and the values."""

    id: str | None
    time: str
    target: str


def find_columns(
    table: Table, options: ForecastFileOptions, trained: Mapping[str, Any], covariates: Covariates
) -> Columns:
    """Return the columns that the options name, or else those of training that the table has too, or else those that
    are obvious. trained: "data" of a manifest. Raises ColumnError where none is, or one would be two things.
    """
    others = [name for names in covariates.values() for name in names]
    if twice := next((name for name in others if others.count(name) > 1), None):
        raise ColumnError(f"The column {brief(twice)} is named twice among the covariates.")
    time = options.time or _of_training(table, trained, "time") or _time_column(table)
    id_ = options.id or _of_training(table, trained, "id") or (ID if ID in table.columns else None)
    roles = [*others, time, *([id_] if id_ else [])]
    target = options.target or _of_training(table, trained, "target") or _target_column(table, roles)
    if target in roles:
        raise ColumnError(f"The column {brief(target)} holds the values to forecast; it cannot be something else too.")
    return Columns(id_, time, target)


def _of_training(table: Table, trained: Mapping[str, Any], name: str) -> str | None:
    """Return the column that training had for something, if this table has it too."""
    column = trained.get(name)
    return column if isinstance(column, str) and column in table.columns else None


def _time_column(table: Table) -> str:
    if TIME in table.columns:
        return TIME
    plain = {column.strip().casefold(): column for column in reversed(table.columns)}
    for name in TIMES:
        if name in plain:
            return plain[name]
    head = table.head(HEAD)
    dated = [
        name
        for name, place in zip(table.columns, table.positions(list(table.columns)), strict=True)
        if all(_is_date(row[place]) for row in head)
    ]
    if head and len(dated) == 1:
        return dated[0]
    if not dated and INDEX[0] in table.columns:
        return INDEX[0]
    raise ColumnError(
        f"{table.path} has no column '{TIME}' with the time of each row; name it with --time. Columns found: "
        f"{listed(table.columns)}.{delimiter_hint(table.columns) if table.format in ('csv', 'tsv') else ''}"
    )


def _target_column(table: Table, roles: Sequence[str]) -> str:
    """Return the column with the values: y, or the only one that holds numbers and is none of the others."""
    if TARGET in table.columns and TARGET not in roles:
        return TARGET
    rest = [name for name in table.columns if name not in roles]
    places = table.positions(rest)
    head = table.head(HEAD)
    holding = [name for name, place in zip(rest, places, strict=True) if _holds_numbers([row[place] for row in head])]
    holding = [name for name in holding if name not in INDEX] or holding
    if len(holding) == 1:
        return holding[0]
    found = (
        f"Columns with numbers: {listed(tuple(holding))}." if holding else f"Columns found: {listed(table.columns)}."
    )
    raise ColumnError(
        f"It is not obvious which column of {table.path} holds the values to forecast; name it with --target. {found}"
        + (" If one of them names the series, name it with --id." if holding else "")
    )


def _is_date(text: str | None) -> bool:
    return text is not None and not _holds_numbers([text]) and moment(text) is not None


def _holds_numbers(texts: Sequence[str | None]) -> bool:
    try:
        numbers(texts)
    except NotANumber:
        return False
    return not all(map(is_missing, texts))
