"""What one SELECT finds in an SQLite database: opened to be read, and with no way to other files."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recurra.data.tables.duckdb_table import refused, select_only
from recurra.data.tables.packed import on_disk
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Row, Table, listed
from recurra.errors import ReadError, brief

MAGIC = b"SQLite format 3\0"
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"


class SqliteTable(Table):
    """The rows that `--sql` selects; without it, those of the only table. Numbers become their text."""

    format = "sqlite"
    heeds = ("sql",)

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        super().__init__(path, dialect, bad_rows, rejects_path)
        self._query = dialect.sql or ""
        with self._connection() as connection:
            self._query = self._query or select_only(path, [str(name) for (name,) in connection.execute(_TABLES)])
            described = connection.execute(self._query).description
        if described is None:
            raise refused(path, self._query, "it is not one SELECT")
        self.columns = tuple(str(column[0]) for column in described)

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield rows; see Table. Raises ReadError where a value is no text, and where the database is damaged."""
        positions, number = self.positions(columns), 0
        with self._connection() as connection:
            for number, row in enumerate(connection.execute(self._query), 1):
                yield tuple([self._as_text(row[place], place, number) for place in positions])
        if not number and self.rows_needed:
            raise ReadError(f"{self.path}: the query finds columns ({listed(self.columns)}) but no rows.")

    def _as_text(self, value: Any, place: int, row: int) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if not isinstance(value, bytes):
            return str(value)
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise ReadError(
                f"{self.path}, row {row:,} of the query: the column {brief(self.columns[place])} holds bytes that are "
                "no text. Leave it out of the SELECT."
            ) from None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that only selects. What SQLite raises within this context becomes a ReadError."""
        connection = None
        try:
            connection = sqlite3.connect(f"{on_disk(self.path).absolute().as_uri()}?mode=ro", uri=True)
            connection.set_authorizer(_authorised)
            yield connection
        except (sqlite3.Error, sqlite3.Warning) as error:
            if "not a database" in str(error) or "malformed" in str(error):
                raise ReadError(f"{self.path} is not a sound SQLite database ({error}).") from None
            raise refused(self.path, self._query, str(error)) from None
        finally:
            if connection is not None:
                connection.close()


def _authorised(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Allow what a SELECT from the database's own tables does, and nothing else."""
    if action == sqlite3.SQLITE_FUNCTION and second in ("load_extension", "readfile", "writefile", "edit"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def is_sqlite(path: Path) -> bool:
    """Return whether a file begins as an SQLite database does."""
    try:
        with on_disk(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:  # its reader will say what is wrong with it
        return False
