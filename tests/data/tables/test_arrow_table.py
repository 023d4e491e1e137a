"""Saved data sets against what pyarrow was given, and their faults."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Table
from recurra.errors import ReadError
from support.saved_datasets import save_split, table_of

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def rows_of(table: Table, *columns: str) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(columns or table.columns) for row in batch]


@settings(max_examples=30, deadline=None)
@given(body=st.lists(st.tuples(CELLS, st.integers(0, 2) | st.none()), min_size=1, max_size=30), files=st.integers(1, 3))
def test_what_pyarrow_writes_is_read_back(body: list[tuple[str, int | None]], files: int) -> None:
    names = ["neg", "so so", "pos"]
    with tempfile.TemporaryDirectory() as folder:
        written = table_of({"text": [text for text, _ in body], "label": [n for _, n in body]}, {"label": names})
        table = open_table(save_split(Path(folder) / "set", written, files))
        assert (table.format, table.columns) == ("arrow", ("text", "label"))
        expected = [(text, None if n is None else names[n]) for text, n in body]
        assert rows_of(table) == rows_of(table) == expected


def test_structs_and_lists_are_as_of_parquet(tmp_path: Path) -> None:
    table = open_table(
        save_split(tmp_path / "set", table_of({"review": [{"body": "x", "stars": 5}], "ids": [[1, 2]], "n": [1.5]}))
    )
    assert rows_of(table, "review.body", "review.stars", "n") == [("x", "5", "1.5")]
    with pytest.raises(ReadError, match="nested values"):
        rows_of(table, "ids")


def test_damage(tmp_path: Path) -> None:
    folder = save_split(tmp_path / "set", table_of({"text": [f"a text {n}" * 9 for n in range(400)]}))
    data = folder / "data-00000-of-00001.arrow"
    whole = data.read_bytes()
    for content in (b"", b"text\nx\n", whole[: len(whole) // 2]):
        data.write_bytes(content)
        with pytest.raises(ReadError, match=r"not a sound Arrow file"):
            rows_of(open_table(folder))
    data.unlink()
    with pytest.raises(ReadError, match=r"data-00000-of-00001\.arrow does not exist, and state\.json names it"):
        open_table(folder)
    for state, reason in {
        "{}": "does not list the files",
        "[": "does not list the files",
        json.dumps({"_data_files": [{"filename": "../other.arrow"}]}): "names no files beside it",
        json.dumps({"_data_files": [{"filename": data.name}], "_indices_data_files": [{}]}): r"flatten_indices\(\)",
    }.items():
        (folder / "state.json").write_text(state)
        with pytest.raises(ReadError, match=reason):
            open_table(folder)


def test_without_pyarrow_the_installing_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_split(tmp_path / "set", table_of({"text": ["x"]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ReadError, match=r"needs the package pyarrow.*\[datasets\]"):
        open_table(folder)
