"""DuckDB gets back every text that is written as SQL, and opens every path."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recurra.data.tables.duckdb_paths import duckdb_path, sql_literal


@settings(deadline=None)
@given(st.text())
@example("it's\0'' || chr(0)\\n--")
def test_a_literal_is_read_back(text: str) -> None:
    assert duckdb.sql(f"SELECT {sql_literal(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("name", ["a*b.csv", "a?b.csv", "[ab].csv", "it's.csv", "ä b.csv"])
def test_a_path_is_that_file_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x\n1\n")
    (tmp_path / "axb.csv").write_text("x\n2\n")
    with duckdb_path(tmp_path / name) as link:
        query = f"SELECT x FROM read_csv({sql_literal(link)}, header = true)"
        assert duckdb.sql(query).fetchall() == [(1,)]
    assert not link.exists()
    assert (tmp_path / name).exists()
