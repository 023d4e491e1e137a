"""Parquet, through DuckDB: streamed, in file order, on one thread and with a stated memory limit."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from recurra.data.label_spelling import SEVERAL
from recurra.data.tables.class_names import KEY, class_names
from recurra.data.tables.duckdb_paths import sql_literal
from recurra.data.tables.location import files_of
from recurra.data.tables.packed import on_disk
from recurra.data.tables.table import BATCH_ROWS, PLAIN, BadRows, Dialect, Row, Table, listed, other_columns
from recurra.errors import ColumnError, ReadError, brief

MEMORY_LIMIT = "1GB"
"""A ceiling for DuckDB. What it takes depends on the row groups of the file (about 100 MB), not on their number."""

FAULTS = (duckdb.Error, RuntimeError, UnicodeError)
"""What DuckDB raises for a damaged file: the latter two where its own message quotes bytes that are no text."""

_SETTINGS = (
    "SET streaming_buffer_size = '1MB'",
    "SET enable_external_file_cache = false",  # it would keep the file in memory for a second query
    "SET preserve_insertion_order = true",
    "SET autoinstall_known_extensions = false",  # reading a file must not fetch code
    "SET enable_progress_bar = false",
)


_NUMERIC = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"}
_NUMERIC |= {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
"""Types of numbers, by their names in DuckDB; those of decimals have their width as well."""


class ParquetTable(Table):
    """A Parquet file, or several of the same columns and types.

    Numbers and dates become their text; binary columns are read as UTF-8; a field of a struct is a column with dots in
    its name: `data.text`. A number with the name of a class in the metadata, as Hugging Face writes it, becomes that
    name, and a negative one nothing. sound: what a damaged file is not. copied_in_sql: whether a query over the rows
    may write a file of them.
    """

    format = "parquet"
    heeds: tuple[str, ...] = ()
    sound = "Parquet file"
    copied_in_sql = True

    def __init__(
        self,
        path: Path,
        dialect: Dialect = PLAIN,
        bad_rows: BadRows = "stop",
        rejects_path: Path | None = None,
        *,
        files: Sequence[Path] = (),
    ) -> None:
        """files: those that are read, where `path` is their folder."""
        super().__init__(path, dialect, bad_rows, rejects_path)
        self._files = list(files) or self._found()
        for file in self._files:
            self._check_readable(file)
        described = self._described(self._files[0])
        for file in self._files[1:]:
            self._check_alike(file, described)
        self._stored = {str(row[0]) for row in described}
        self._types: dict[str, str] = {}
        self._values: dict[str, str] = {}
        for row in described:
            for name, value, kind in _leaves(str(row[0]), _quoted(str(row[0])), row[1]):
                if name not in self._types or name in self._stored:
                    self._types[name], self._values[name] = kind, value
        for name, classes in self._class_names().items():
            if name in self._stored and _is_numeric(self._types[name]):
                self._types[name], self._values[name] = "VARCHAR", _named(self._values[name], classes)
        self.columns = tuple(self._types)

    @property
    def place(self) -> Path:
        """Where the rows are: the first of several files."""
        return self._files[0]

    def _found(self) -> list[Path]:
        """Return the files that are read."""
        return files_of(self.path)

    def _class_names(self) -> dict[str, list[str]]:
        """Return the names of classes by column."""
        with self._opened(self._files[:1]) as (connection, file):
            query = f"SELECT decode(value) FROM parquet_kv_metadata({file}) WHERE decode(key) = '{KEY}'"
            try:
                found = connection.execute(query).fetchone()
            except FAULTS:  # a key that is no text: nobody's names
                return {}
        return class_names(found[0]) if found else {}

    def _described(self, file: Path) -> list[Any]:
        """Return the names and types of the columns of one file, and what else DuckDB says of each."""
        with self._opened([file]) as (connection, name):
            return self._description(self._run(connection, f"SELECT * FROM {_read(name)} LIMIT 0"))

    def _check_alike(self, file: Path, first: list[Any]) -> None:
        """Raise ColumnError where the columns of a file are not those of the first one."""
        types = [{str(row[0]): str(row[1]) for row in columns} for columns in (first, self._described(file))]
        if types[0].keys() != types[1].keys():
            raise ColumnError(other_columns(file, list(types[1]), self._files[0], list(types[0])))
        for name, kind in types[0].items():
            if types[1][name] != kind:
                raise ColumnError(
                    f"{file}: the column {brief(name)} is of the type {types[1][name]}, and of {kind} in "
                    f"{self._files[0]}. Several files are read together where all have the same columns."
                )

    def _check_readable(self, file: Path) -> None:
        """Raise ReadError for what is plainly no such file."""
        try:
            with on_disk(file).open("rb") as content:
                start = content.read(4)
        except OSError as error:
            raise ReadError(f"Cannot read {file}: {os.strerror(error.errno or 0)}.") from None
        if not start:
            raise ReadError(f"{file} is empty. Expected a Parquet file.")
        if start != b"PAR1":
            raise ReadError(f"{file} is not a Parquet file: it begins with {start!r}, not b'PAR1'.")

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield rows; see Table. Raises ReadError for a damaged file or none but nested values in a column."""
        self.positions(columns)
        for name in columns:
            if not (name in self.lists_as_json and self.holds_lists(name)):
                self._check_flat(name)
        values = ", ".join(self._text(name) for name in columns)
        rows, total = 0, self.row_count()
        self._share = lambda: rows / max(1, total)
        with self.connection() as (connection, source):
            result = self._run(connection, f"SELECT {values} FROM {source}")
            while batch := self._fetch(result, rows):
                rows += len(batch)
                yield from batch
        if not rows and self.rows_needed:
            raise ReadError(f"{self.path} has columns ({listed(self.columns)}) but no rows.")

    def _text(self, name: str) -> str:
        """Return the SQL of a column's values as text: of lists, as their JSON."""
        value = f"to_json({self._values[name]})" if self.holds_lists(name) else self._values[name]
        return f"CAST({value} AS VARCHAR)"

    def holds_numbers(self, name: str) -> bool:
        """Return whether a column is of numbers."""
        return _is_numeric(self._types[name])

    def holds_lists(self, name: str) -> bool:
        """Return whether a column is of lists."""
        return self._types[name].endswith("]")

    def rows_with_lists(self, lists: Sequence[str], texts: Sequence[str]) -> Generator[tuple[list[Any], Row]]:
        """Yield (the values of the columns `lists`, the texts of the columns `texts`) of each row.

        A list of numbers holds floats, None for a null; other values are as DuckDB gives them.
        """
        for name in texts:
            self._check_flat(name)
        values = [self._floats(name) for name in lists]
        values += [f"CAST({self._values[name]} AS VARCHAR)" for name in texts]
        rows = 0
        with self.connection() as (connection, source):
            result = self._run(connection, f"SELECT {', '.join(values)} FROM {source}")
            while batch := self._fetch(result, rows):
                rows += len(batch)
                for row in batch:
                    yield list(row[: len(lists)]), row[len(lists) :]

    def _floats(self, name: str) -> str:
        """Return the SQL of a column, its numbers as DOUBLE where it is of lists of them."""
        element, _, depth = self._types[name].partition("[")
        numeric = depth and _is_numeric(element)
        return f"CAST({self._values[name]} AS DOUBLE[{depth})" if numeric else self._values[name]

    def _check_flat(self, name: str) -> None:
        kind = self._types[name]
        if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "VARIANT")):
            several = f" If these are several labels of one text, {SEVERAL}." if kind.endswith("]") else ""
            raise ReadError(
                f"{self.path}, row 1: the column {brief(name)} holds nested values ({kind[:60]}), not text.{several} "
                f"Name a flat column with --text or --label. Columns found: {listed(self.columns)}."
            )

    def metadata(self, key: str) -> str | None:
        """Return the text that the schema's metadata have under a key, if they are text and have it."""
        with self._opened() as (connection, file):
            query = f"SELECT value FROM parquet_kv_metadata({file}) WHERE decode(key) = {sql_literal(key)}"
            found = self._run(connection, query).fetchall()
        try:
            return bytes(found[0][0]).decode() if found else None
        except UnicodeDecodeError:
            return None

    def row_count(self) -> int:
        """Return the number of rows by the file's metadata."""
        with self.connection() as (connection, source):
            counted = self._run(connection, f"SELECT count(*) FROM {source}").fetchall()
        return int(counted[0][0])

    def check(self) -> None:
        """Read every value once, those of nested columns too. Raises ReadError where one is damaged."""
        with self.connection(as_stored=True) as (connection, source):
            self._run(connection, f"SELECT bit_xor(hash(given)) FROM {source} AS given").fetchall()

    def row_bytes(self) -> int:
        """Return about how many bytes a row takes, unpacked."""
        with self._opened() as (connection, file):
            query = f"SELECT sum(total_uncompressed_size) FROM parquet_metadata({file})"
            size = self._run(connection, query).fetchall()[0][0]
        return int(size or 0) // max(1, self.row_count())

    def renamed(self) -> bool:
        """Return whether DuckDB renamed columns whose names differ only in case."""
        with self._opened() as (connection, file):
            names = self._run(connection, f"SELECT name FROM parquet_schema({file})").fetchall()
        return not self._stored <= {str(name) for (name,) in names}

    @contextmanager
    def connection(self, *, as_stored: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Give a connection and the SQL that reads the file. as_stored: leave binary columns binary."""
        with self._opened() as (connection, file):
            yield connection, _read(file, as_stored=as_stored)

    @contextmanager
    def _opened(self, files: Sequence[Path] = ()) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Give a connection and the names of the files in SQL, all where none are named, whatever characters their
        paths have."""
        with tempfile.TemporaryDirectory(prefix="recurra-") as directory:
            links = []
            for file in files or self._files:
                number = self._files.index(file)  # the path itself may hold * or ?, which DuckDB would expand
                links.append(Path(directory) / f"table{number}.parquet")
                links[-1].symlink_to(on_disk(file).absolute())
            with self._new_connection() as connection:
                yield connection, f"[{', '.join(map(sql_literal, links))}]"

    @contextmanager
    def _new_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection on one thread, with a limit to its memory."""
        with tempfile.TemporaryDirectory(prefix="recurra-") as directory:
            config: dict[str, str | bool | int | float | list[str]]
            config = {"threads": 1, "memory_limit": MEMORY_LIMIT, "temp_directory": directory}
            connection = duckdb.connect(config=config)
            try:
                for setting in _SETTINGS:
                    connection.execute(setting)
                yield connection
            finally:
                connection.close()

    def _run(self, connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return connection.execute(query)
        except FAULTS as error:
            raise self._broken(error) from None

    def _description(self, result: duckdb.DuckDBPyConnection) -> list[Any]:
        try:
            return list(result.description or [])
        except FAULTS as error:
            raise self._broken(error) from None

    def _fetch(self, result: duckdb.DuckDBPyConnection, rows: int) -> list[Row]:
        try:
            return result.fetchmany(BATCH_ROWS)
        except FAULTS as error:
            raise self._broken(error, f", after row {rows:,}") from None

    def _broken(self, error: Exception, place: str = "") -> ReadError:
        first = _LINK.sub(lambda link: self._files[int(link[1])].name, str(error).strip().splitlines()[0])
        first = re.sub(r"\b\w*(?:Error|Exception): ", "", first)  # names of DuckDB's and Thrift's classes
        reason = f" ({first})" if isinstance(error, duckdb.Error) else ""
        return ReadError(f"{self.path}{place}: not a sound {self.sound}{reason}. Fetch or write it again.")


_LINK = re.compile(r"(?<!\S)\S*recurra-\w{1,16}/table(\d+)\.parquet")


def _read(files: str, *, as_stored: bool = False) -> str:
    """Return the SQL that reads files named in SQL."""
    return f"read_parquet({files}, binary_as_string = {not as_stored})"


def _leaves(name: str, value: str, kind: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (name, SQL of the value, type) of a column, or of each field of one that is a struct. kind: its type."""
    if kind.id != "struct":
        yield name, value, str(kind)
        return
    for field, inner in kind.children:
        yield from _leaves(f"{name}.{field}", f"{value}[{sql_literal(field)}]", inner)


def _named(value: str, names: Sequence[str]) -> str:
    """Return the SQL of the name that a number stands for; of a number without one, the number itself."""
    known = f"[{', '.join(map(sql_literal, names))}]"
    return (
        f"CASE WHEN {value} < 0 THEN NULL ELSE coalesce(list_extract({known}, CAST({value} AS BIGINT) + 1), "
        f"CAST({value} AS VARCHAR)) END"
    )


def _is_numeric(kind: str) -> bool:
    return kind.startswith("DECIMAL(") or kind in _NUMERIC


def _quoted(name: str) -> str:
    if "\0" in name:
        raise ColumnError(f"A column name cannot hold a NUL: {name!r}.")
    return '"' + name.replace('"', '""') + '"'
