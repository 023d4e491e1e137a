"""How an option names several columns of a table: with commas between, as a line of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator


def column_names(given: str) -> list[str]:
    """Return the names of columns between commas; one that holds a comma is in double quotes."""
    row = next(csv.reader([given], skipinitialspace=True), [])
    return [name.strip() for name in row if name.strip()]


def named_columns(given: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns that an option names: one of that very name, or several with commas between them.

    columns: those that the table has.
    """
    return (given,) if given in columns or not {",", '"'} & set(given) else tuple(column_names(given))


def as_named(columns: Sequence[str]) -> str:
    """Return columns as an option names them: `named_columns` reads it."""
    if len(columns) == 1:
        return columns[0]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(columns)
    return line.getvalue()


def _as_text(given: Any) -> Any:
    several = isinstance(given, list | tuple) and given and all(isinstance(name, str) for name in given)
    return as_named(given) if several else given


Kind = Literal["number", "category"]
"""What a column beside the text holds."""

Columns = Annotated[str, BeforeValidator(_as_text)]
"""One column or several, also given as a list of their names."""


def feature_columns(given: str, columns: Collection[str]) -> tuple[tuple[str, ...], dict[str, Kind]]:
    """Return the columns that `--features` names, and what some of them hold, as said by `:number` or `:category`.

    columns: those that the table has; a name that ends so and is there as written is the name.
    """
    names: list[str] = []
    kinds: dict[str, Kind] = {}
    for part in named_columns(given, columns):
        name, _, kind = part.rpartition(":")
        if part not in columns and name and kind in ("number", "category"):
            kinds[name] = "number" if kind == "number" else "category"
            names.append(name)
        else:
            names.append(part)
    return tuple(names), kinds
