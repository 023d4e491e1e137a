"""The rows that callers give a model of named columns: mappings, tables of pandas or polars, and JSON objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.feature_encoder import FeatureEncoder
from recurra.data.normalise import normalise
from recurra.errors import OptionError, brief, did_you_mean
from recurra.options.arguments import described, several
from recurra.options.columns import as_named, named_columns
from recurra.text.text_columns import MARK, joined
from recurra.text.tokenizer import Tokenizer


def rows_of(items: Iterable[Any], columns: Sequence[str], name: str = "texts") -> Iterable[Any]:
    """Return the rows in `items`, one after the other: those of a table as mappings of its columns.

    columns: the names that a model reads; none where it reads texts. Raises OptionError for what is no list, and for a
    table without any of the columns.
    """
    found = getattr(items, "columns", None)
    if not columns or found is None or isinstance(items, Mapping):
        return several(items, name, "row" if columns else "text")
    return _table_rows(items, [str(column) for column in found], columns, name)


def columns_of(named: str | Sequence[str] | None, items: Any) -> tuple[str, ...]:
    """Return the columns of texts that the parameter `text` of an estimator names; none where rows are texts.

    items: the rows, whose names say whether one with a comma is one column. Raises OptionError for one named twice.
    """
    if named is None:
        return ()
    if isinstance(named, str):
        named = named_columns(named, names_in(items))
    for name in named:
        if list(named).count(name) > 1:
            raise OptionError(f"text names the column {name!r} twice. Name each column of texts once.")
    return tuple(named)


def text_facts(columns: Sequence[str], features: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a manifest states of the columns that a model reads; nothing of a text without a name."""
    if not columns:
        return {}
    several = {"texts": list(columns)} if len(columns) > 1 or features else {}
    return {"text": as_named(columns), **several, **({"features": list(features)} if features else {})}


@dataclass(frozen=True)
class RowRead:
    """A text, joined where it is of several columns, and the vector [F] of what stands beside it."""

    text: str
    features: NDArray[np.float32]

    def __len__(self) -> int:
        """How many characters the text has."""
        return len(self.text)


@dataclass(frozen=True)
class CellRow:
    """A text, joined where it is of several columns, and the cells beside it by their columns, as a file has them."""

    text: str
    cells: Mapping[str, object]


def text_in(row: Given) -> str:
    """Return the text of a row of a file, joined where it is of several columns."""
    return row.text if isinstance(row, CellRow | RowRead) else str(row)


Item = str | RowRead
"""A row as a model reads it."""
Given = str | Mapping[str, Any] | RowRead | CellRow
"""A row as a model is given it: `item_of` reads it."""


def item_of(item: object, tokenizer: Tokenizer, where: str) -> Item:
    """Return one row as a model reads it: its text, with the vector of what stands beside it where it reads that.

    where: what an error calls the row. Raises OptionError as `text_of` does, and for a feature that is no number where
    the training's were.
    """
    encoder = tokenizer.features
    if isinstance(item, CellRow):
        return item.text if encoder is None else _read_leniently(item, encoder)
    if encoder is None:
        return text_of(item, tokenizer.columns, where)
    if isinstance(item, RowRead):
        return item
    names = names_read(tokenizer)
    if not isinstance(item, Mapping):
        raise _no_mapping(item, names, where)
    check_names(item, names, where)
    cells = [_cell(item.get(column), column, where) for column in tokenizer.columns]
    text = joined(cells) if tokenizer.marked else cells[0] or ""
    if not normalise(text):
        raise OptionError(f"{where} has no text: {_some_of(tokenizer.columns)} must have some.")
    try:
        return RowRead(text, encoder.encode([item.get(name) for name in encoder.names]))
    except ValueError as error:
        raise OptionError(f"{where}: the feature {error}. A value that is missing is null.") from None


def _read_leniently(row: CellRow, encoder: FeatureEncoder) -> RowRead:
    """Return a row of a file, where a cell that is no number counts as missing."""
    codes = encoder.lenient([row.cells.get(name) for name in encoder.names])
    return RowRead(row.text, encoder.vector(codes))


def names_read(tokenizer: Tokenizer) -> tuple[str, ...]:
    """Return the names of all columns that a model reads; none where it reads texts."""
    return tokenizer.columns + (() if tokenizer.features is None else tokenizer.features.names)


def names_in(items: Any) -> list[str]:
    """Return the names of the columns that rows have; none where they have none, or are gone through once only."""
    found = getattr(items, "columns", None)
    if found is None and isinstance(items, Sequence) and items and isinstance(items[0], Mapping):
        found = items[0]
    return [] if found is None else [str(name) for name in found]


def texts_in(items: Any, columns: Sequence[str], name: str = "X", beside: Sequence[str] = ()) -> list[str]:
    """Return the texts of the rows in `items`: those of the columns, joined where they are several.

    columns: see `columns_of`; where there are none, the items are texts. A text that is missing is empty. beside: the
    names of others that the rows have.
    Raises OptionError, naming the row, for any other item.
    """
    if not columns:
        found = list(items)
        for row, text in enumerate(found):
            if not isinstance(text, str):
                raise OptionError(f"Item {row} of {name} is {type(text).__name__}; every item must be a str.")
        return found
    texts = []
    for row, item in enumerate(rows_of(items, columns, name)):
        where = f"Item {row} of {name}"
        cells = cells_of(item, columns, where, beside)
        texts.append(joined(cells) if len(columns) > 1 else cells[0] or "")
    return texts


def cells_of(item: object, columns: Sequence[str], where: str, beside: Sequence[str] = ()) -> list[str | None]:
    """Return the texts of one row's columns, None where one is missing. Raises OptionError as `text_of` does."""
    if not isinstance(item, Mapping):
        raise _no_mapping(item, columns, where)
    check_names(item, [*columns, *beside], where)
    return [_cell(item.get(column), column, where) for column in columns]


def _table_rows(table: Any, found: list[str], columns: Sequence[str], name: str) -> Iterator[dict[str, Any]]:
    here = [column for column in columns if column in found]
    for column in columns:
        if column not in found:
            raise OptionError(
                f"{name} has no column {column!r}.{did_you_mean(column, found)} It has {', '.join(map(repr, found))}, "
                f"and the model reads {_named(columns)}."
            )
        if found.count(column) > 1:
            raise OptionError(f"{name} has the column {column!r} twice, so the name is ambiguous.")
    return (dict(zip(here, row, strict=True)) for row in zip(*(table[column] for column in here), strict=True))


def text_of(item: object, columns: Sequence[str], where: str) -> str:
    """Return the text of one row, that of several columns joined. where: what an error calls the row.

    columns: the names that a model reads; none where a row is a text. A text that is joined already is taken as it is.
    Raises OptionError for a row of another kind, for one without any text, and where a name seems misspelt.
    """
    if not columns:
        if not isinstance(item, str):
            raise OptionError(f"{where} is {described(item)}; every item must be a str.")
        return item
    if isinstance(item, str) and (MARK in item or not item):
        return item
    text = joined(cells_of(item, columns, where))
    if not text:
        raise OptionError(f"{where} has no text: {_some_of(columns)} must have some.")
    return text


def check_names(row: Mapping[Any, Any], columns: Sequence[str], where: str) -> None:
    """Raise OptionError where a row lacks a column and has a field of another name, which may be that column's."""
    lacking = [column for column in columns if column not in row]
    others = [str(name) for name in row if name not in columns]
    if lacking and others:
        raise OptionError(
            f"{where} has no {lacking[0]!r} and has {brief(others[0])}, which the model does not read."
            f"{did_you_mean(others[0], columns)} The model reads {_named(columns)}; a value that is missing is null."
        )


def from_json(given: str, columns: Sequence[str], where: str) -> dict[str, Any]:
    """Return the row that a JSON object says. Raises OptionError for any other text."""
    try:
        row = json.loads(given)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise OptionError(
            f"{where} is no JSON object, and the model reads {_named(columns)}. Give one for each row, such as "
            f"'{example(columns)}'; or a file with --input."
        )
    return row


def example(columns: Sequence[str]) -> str:
    """Return a row of a model's columns as JSON."""
    return json.dumps(dict.fromkeys(columns, "..."), ensure_ascii=False)


def _no_mapping(item: object, columns: Sequence[str], where: str) -> OptionError:
    return OptionError(
        f"{where} is {described(item)}; the model reads {_named(columns)}, so every item must be a mapping of them, "
        f"such as {example(columns)}."
    )


def _some_of(columns: Sequence[str]) -> str:
    return f"one of {_named(columns)}" if len(columns) > 1 else _named(columns)


def _cell(value: object, column: str, where: str) -> str | None:
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    raise OptionError(f"{where}: {column!r} is {described(value)}; the text of a column must be a str, or missing.")


def _named(columns: Sequence[str]) -> str:
    return f"the column{'s' if len(columns) > 1 else ''} {', '.join(map(repr, columns))}"
