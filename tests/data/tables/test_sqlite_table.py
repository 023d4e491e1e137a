"""What a SELECT finds in an SQLite database, and what it cannot do."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect, Table
from recurra.errors import OptionError, ReadError


def written(path: Path, rows: list[tuple[object, ...]], name: str = "reviews") -> Path:
    with closing(sqlite3.connect(path)) as connection:
        name = name.replace('"', '""')
        connection.execute(f'CREATE TABLE "{name}" (text, label)')
        connection.executemany(f'INSERT INTO "{name}" VALUES (?, ?)', rows)
        connection.commit()
    return path


def rows_of(table: Table) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(table.columns, 7) for row in batch]


CELLS = st.none() | st.text(st.characters(codec="utf-8"), max_size=20) | st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), suffix=st.sampled_from([".db", ".sqlite"]))
def test_what_sqlite_keeps_is_read_back(rows: list[tuple[object, ...]], suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = open_table(written(Path(folder) / f"a ?#{suffix}", rows, 'of "all"'))
        assert (table.format, table.columns) == ("sqlite", ("text", "label"))
        expected = [tuple(None if cell is None else str(cell) for cell in row) for row in rows]
        assert rows_of(table) == rows_of(table) == expected


def test_queries(tmp_path: Path) -> None:
    path = written(tmp_path / "t.db", [("x", 1), ("y", 2.5), (b"z", None)])
    query = "SELECT label AS l, upper(text) FROM reviews ORDER BY text DESC -- all"
    assert rows_of(open_table(path, Dialect(sql=query))) == [(None, "Z"), ("2.5", "Y"), ("1", "X")]
    with pytest.raises(ReadError, match=r"the query finds columns .* but no rows"):
        rows_of(open_table(path, Dialect(sql="SELECT text FROM reviews WHERE 0")))
    written(path, [(b"\xff", "a")], "other")
    with pytest.raises(OptionError, match=r"has the tables 'other', 'reviews'"):
        open_table(path)
    with pytest.raises(ReadError, match=r"row 1 of the query: the column 'text' holds bytes that are no text"):
        rows_of(open_table(path, Dialect(sql="SELECT * FROM other")))


@pytest.mark.parametrize(
    "query",
    [
        "ATTACH '{out}' AS other",
        "VACUUM INTO '{out}'",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('{out}')",
        "SELECT readfile('/etc/passwd')",
        "INSERT INTO reviews VALUES (1, 2)",
        "DELETE FROM reviews",
        "DROP TABLE reviews",
        "CREATE TEMP TABLE t (n)",
        "SELECT 1; DROP TABLE reviews",
        "BEGIN",
        "EXPLAIN DELETE FROM reviews",
        "SELECT nothing FROM reviews",
        "no SQL",
        ";",
        "-- nothing",
    ],
)
def test_a_query_only_selects_from_the_database(tmp_path: Path, query: str) -> None:
    path = written(tmp_path / "t.sqlite", [("x", 1)])
    before, out = path.read_bytes(), tmp_path / "written"
    with pytest.raises(ReadError, match="the query of --sql cannot be answered"):
        rows_of(open_table(path, Dialect(sql=query.format(out=out))))
    assert path.read_bytes() == before and os.listdir(tmp_path) == [path.name]


def test_a_damaged_database(tmp_path: Path) -> None:
    path = written(tmp_path / "t.sqlite", [(f"text {n}" * 50, n) for n in range(500)])
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"t\.sqlite is not a sound SQLite database"):
        rows_of(open_table(path))
