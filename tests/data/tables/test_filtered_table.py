"""Part of a table: the rows whose one column holds one value, beside a plain filter."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurra.data.tables.filtered_table import FilteredTable
from recurra.data.tables.readers import open_table
from recurra.errors import ReadError

PARTS = st.lists(st.sampled_from(["train", "test", "Test", ""]), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(PARTS, st.integers(1, 7))
def test_rows_keep_their_order_and_leave_the_column_out(tmp_path: Path, parts: list[str], size: int) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("part", "text"), *((part, f"text {n}") for n, part in enumerate(parts))])
    table = FilteredTable(open_table(path), "part", "test")
    expected = [(f"text {n}",) for n, part in enumerate(parts) if part == "test"]
    if not expected:
        with pytest.raises(ReadError, match="has no rows whose part is 'test'"):
            list(table.batches(("text",), size))
        return
    for _ in range(2):  # a pass can be repeated
        batches = list(table.batches(("text",), size))
        assert [row for batch in batches for row in batch] == expected
        assert all(len(batch) == size for batch in batches[:-1])
    assert table.columns == ("part", "text")
