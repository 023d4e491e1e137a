"""What tables of JSON objects share: an object is a row, its keys are the columns.

The parser is Python's own `json`, because it names the place of a fault and keeps numbers as they are written ("1.00",
"1e3", "0.10"): a table's values are text. `true` and `false` keep their JSON spelling; null is None. A value inside an
object is a column whose name is the path to it, with dots: `data.text`. A key that has such a name itself wins.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Generator, Iterator, KeysView, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurra.data.label_spelling import SEVERAL
from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Row, Table, listed, shortened
from recurra.errors import ReadError, brief

DEEPEST = 8
"""Objects inside each other that are looked into for columns."""


@dataclass(frozen=True)
class Found:
    """One object of a file. line: where it begins, from 1; place: that in words; raw: its characters."""

    line: int
    place: str
    raw: str
    value: dict[str, Any]


class HoldsObjects(Table):
    """A table whose rows are JSON objects."""

    @abstractmethod
    def rows_with_lines(self, columns: Sequence[str]) -> Generator[tuple[str, KeysView[str], Row]]:
        """Yield (the object as it is written in the file, its keys, its values in `columns`) of each sound row."""


class ObjectTable(HoldsObjects):
    """A table of JSON objects. The first one names the columns, those of objects inside it too. expected: what such a
    file should hold, for a message."""

    expected: str

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        super().__init__(path, dialect, bad_rows, rejects_path)
        self._codec = check_bytes(path, dialect.encoding)
        paths: dict[str, tuple[str, ...]] = {}
        with Rejects(None) as rejects, closing(self._objects(rejects)) as objects:
            first = next(objects, None)
        for keys in _leaves(first.value) if first else ():
            name = ".".join(keys)
            if name not in paths or len(keys) < len(paths[name]):
                paths[name] = keys
        if not paths:
            raise ReadError(f"{path} has no rows. Expected {self.expected}.")
        self._paths = paths
        self.columns = tuple(paths)
        self._share = None

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield rows; see Table. Raises ReadError for a row that is no object, lacks a column or nests one."""
        for _, _, values in self.rows_with_lines(columns):
            yield values

    def rows_with_lines(self, columns: Sequence[str]) -> Generator[tuple[str, KeysView[str], Row]]:
        self.rejected = 0
        self.positions(columns)
        empty = True
        with self.rejecting() as rejects, closing(self._objects(rejects)) as objects:
            for found in objects:
                try:
                    values = tuple(
                        [
                            _as_text(_value(found.value, self._paths[name]), name, name in self.lists_as_json)
                            for name in columns
                        ]
                    )
                except KeyError as error:
                    reason = f"no value for {brief(error.args[0])} (its keys: {listed(tuple(found.value), 8)})"
                    self._reject(found.line, found.place, reason, found.raw, rejects)
                    continue
                except ValueError as error:
                    self._reject(found.line, found.place, str(error), found.raw, rejects)
                    continue
                empty = False
                yield found.raw, found.value.keys(), values
            self._share = None
        if empty:
            where = f"; see {self.rejects_path}" if self.rejects_path else ""
            raise ReadError(f"{self.path} has no valid rows: all {rejects.count:,} were rejected{where}.")

    @abstractmethod
    def _objects(self, rejects: Rejects) -> Generator[Found]:
        """Yield the objects in file order, none of them empty; hand what is none to `_reject`, and say the share."""

    def _reject(self, line: int, place: str, reason: str, raw: str, rejects: Rejects) -> None:
        if self._skip:
            rejects.add(line, reason, raw)
            self.rejected = rejects.count
            return
        raise ReadError(
            f"{self.path}, {place}: {reason}. The row: {shortened(raw)}. Each row must be one JSON object "
            "with text, numbers, true, false or null under the columns in use. `--bad-rows skip` sets such rows aside."
        )


def checked_object(row: Any) -> dict[str, Any]:
    """Return what was parsed. Raises ValueError where it is no object, or one without keys."""
    if not isinstance(row, dict):
        raise ValueError(f"a JSON {_kind(row)} where an object is expected")
    if not row:
        raise ValueError("a JSON object with no keys")
    return row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {brief(twice)} is there twice")
    return row


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str)
"""Reads numbers as they are written, and refuses an object with one key twice by a ValueError."""


def _leaves(row: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the keys that lead to each value, in order; an object DEEPEST levels down is one value."""
    for key, value in row.items():
        if isinstance(value, dict) and value and len(path) < DEEPEST:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _value(row: dict[str, Any], path: tuple[str, ...]) -> Any:
    """Return what lies under `path`; None where an object on the way is null. Raises KeyError."""
    value: Any = row
    for depth, key in enumerate(path, 1):
        if value is None:
            return None
        if not isinstance(value, dict) or key not in value:
            raise KeyError(".".join(path[:depth]))
        value = value[key]
    return value


def _as_text(value: Any, name: str, lists: bool = False) -> str | None:
    """Return a value as text; with `lists`, a list as its JSON. Raises ValueError for what is nested."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if lists and isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    hint = f" (if these are several labels of one text, {SEVERAL})" if isinstance(value, list) else ""
    raise ValueError(f"the column {brief(name)} holds a nested {_kind(value)}, not text{hint}")


def _kind(value: Any) -> str:
    return {dict: "object", list: "array", str: "text or number", bool: "truth value"}.get(type(value), "null")
