"""What a SELECT finds in a DuckDB database, and what it cannot do."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect, Table
from recurra.errors import OptionError, ReadError

ROWS = [(n * 7919 % 101, f"text {n}", n % 2 == 0, {"b": n}) for n in range(101)]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "my data.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE reviews (id BIGINT, text VARCHAR, good BOOLEAN, a STRUCT(b INTEGER))")
        connection.executemany("INSERT INTO reviews VALUES (?, ?, ?, ?)", ROWS)
    return path


def rows_of(table: Table, *columns: str) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(columns or table.columns, 7) for row in batch]


def test_the_only_table_or_a_query(database: Path) -> None:
    table = open_table(database)
    assert (table.format, table.columns) == ("duckdb", ("id", "text", "good", "a.b"))
    expected = [(str(i), text, str(good).lower(), str(a["b"])) for i, text, good, a in ROWS]
    assert rows_of(table) == rows_of(table) == expected
    query = "WITH x AS (SELECT * FROM reviews WHERE good) SELECT text, id + 1 AS n FROM x ORDER BY id DESC; -- all\n"
    table = open_table(database, Dialect(sql=query))
    assert table.columns == ("text", "n")
    chosen = sorted(((text, i + 1) for i, text, good, _ in ROWS if good), key=lambda row: -row[1])
    assert rows_of(table) == [(text, str(n)) for text, n in chosen]
    with duckdb.connect(database) as connection:
        connection.execute("CREATE TABLE more AS SELECT 1 AS n")
    with pytest.raises(OptionError, match=r"has the tables 'more', 'reviews'\. Say what to read with --sql"):
        open_table(database)


@pytest.mark.parametrize(
    "query",
    [
        "COPY reviews TO '{out}'",
        "COPY (SELECT 1) TO '{out}'",
        "ATTACH '{out}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "EXPORT DATABASE '{out}'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "INSERT INTO reviews VALUES (1, 'x', true, NULL)",
        "DELETE FROM reviews",
        "DROP TABLE reviews",
        "CREATE TABLE t (n INTEGER)",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE reviews",
        "SELECT 1) AS x; DROP TABLE reviews; --",
        "SELECT nothing FROM reviews",
        "no SQL",
        ";",
    ],
)
def test_a_query_only_selects_from_the_database(database: Path, tmp_path: Path, query: str) -> None:
    before, out = database.read_bytes(), tmp_path / "written"
    with pytest.raises(ReadError, match=r"the query of --sql cannot be answered"):
        rows_of(open_table(database, Dialect(sql=query.format(out=out))))
    assert database.read_bytes() == before and sorted(os.listdir(tmp_path)) == [database.name]


def test_what_is_no_database(tmp_path: Path) -> None:
    for content in (b"", b"text\nx\n", b"\0" * 8 + b"DUCK" + b"\1" * 5000):
        (tmp_path / "t.db").write_bytes(content)
        with pytest.raises(ReadError, match=r"t\.db: not a DuckDB database"):
            open_table(tmp_path / "t.db")
