"""What one SELECT finds in a DuckDB database: opened to be read, and with no way to files or the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from recurra.data.tables.duckdb_paths import sql_name
from recurra.data.tables.packed import on_disk
from recurra.data.tables.parquet_table import FAULTS, MEMORY_LIMIT, ParquetTable
from recurra.data.tables.table import listed, shortened
from recurra.errors import OptionError, ReadError

_CONFIG: dict[str, Any] = {
    "threads": 1,  # for the order of rows
    "memory_limit": MEMORY_LIMIT,
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
_SETTINGS = ("SET streaming_buffer_size = '1MB'", "SET lock_configuration = true")  # no query changes them after that

_VIEW = "recurra_query"


class DuckdbTable(ParquetTable):
    """The rows that `--sql` selects; without it, those of the only table. Types and values are as of Parquet."""

    format = "duckdb"
    heeds = ("sql",)
    sound = "DuckDB database"
    copied_in_sql = False

    def _check_readable(self, file: Path) -> None:
        with self._opened_database() as connection:
            self._query = self.dialect.sql or self._only_table(connection)
        try:
            statements = duckdb.extract_statements(self._query)
        except duckdb.Error as error:
            raise refused(self.path, self._query, _first_line(error)) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise refused(self.path, self._query, "it is not one SELECT")

    def _class_names(self) -> dict[str, list[str]]:
        return {}

    def _described(self, file: Path) -> list[Any]:
        with self.connection() as (connection, source):
            return self._description(self._run(connection, f"SELECT * FROM {source} LIMIT 0"))

    @contextmanager
    def connection(self, *, as_stored: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        with self._opened_database() as connection:
            self._run(connection, f"CREATE TEMP VIEW {_VIEW} AS {self._query}")  # takes what may follow the query
            yield connection, f"temp.{_VIEW}"

    @contextmanager
    def _opened_database(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            connection = duckdb.connect(on_disk(self.path).absolute(), read_only=True, config=_CONFIG)
        except FAULTS as error:
            hint = ""
            if "lock" in str(error).lower():
                hint = " Another program has it open: close it there."
            elif "?" in self.path.name:
                hint = " DuckDB does not take a question mark in its name: rename it."
            raise ReadError(f"{self.path}: not a DuckDB database that can be read.{hint}") from None
        try:
            for setting in _SETTINGS:
                connection.execute(setting)
            yield connection
        finally:
            connection.close()

    def _only_table(self, connection: duckdb.DuckDBPyConnection) -> str:
        found = connection.execute("SELECT table_name FROM information_schema.tables ORDER BY table_name").fetchall()
        return select_only(self.path, [str(name) for (name,) in found])

    def _broken(self, error: Exception, place: str = "") -> ReadError:
        return refused(self.path, self._query, _first_line(error) + place)


def select_only(path: Path, tables: list[str]) -> str:
    """Return the query for all rows of the only table of a database. Raises OptionError where there are several."""
    if len(tables) != 1:
        raise OptionError(
            f"{path} has {f'the tables {listed(tables)}' if tables else 'no table'}. Say what to read with --sql, "
            "as in --sql 'SELECT text, label FROM reviews ORDER BY id'."
        )
    return f"SELECT * FROM {sql_name(tables[0])}"


def refused(path: Path, query: str, reason: str) -> ReadError:
    """Return the error for a query that cannot be answered."""
    return ReadError(
        f"{path}: the query of --sql cannot be answered: {reason}. The query: {shortened(query)}. Accepted is one "
        "SELECT from the tables of this database; it can neither change them nor read other files."
    )


def _first_line(error: Exception) -> str:
    first = str(error).strip().splitlines()[0] if str(error).strip() else "it failed"
    return first.partition("Error: ")[2] or first
