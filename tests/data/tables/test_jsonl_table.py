"""JSON lines against Python's json, and their faults."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.errors import ColumnError, ReadError


def table_of(folder: Path, content: str, **options: str):  # type: ignore[no-untyped-def]
    path = folder / "t.jsonl"
    path.write_bytes(content.encode())
    return open_table(path, **options)  # type: ignore[arg-type]


def rows(table) -> list[tuple[str | None, ...]]:  # type: ignore[no-untyped-def]
    return [row for batch in table.batches(table.columns) for row in batch]


@settings(max_examples=100, deadline=None)
@given(
    body=st.lists(st.tuples(st.text(), st.none() | st.text()), min_size=1, max_size=10),
    ascii_only=st.booleans(),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    zipped=st.booleans(),
)
def test_what_json_writes_is_read_back(
    body: list[tuple[str, str | None]], ascii_only: bool, end: str, zipped: bool
) -> None:
    lines = [json.dumps({"text": text, "label": label}, ensure_ascii=ascii_only) + end for text, label in body]
    data = "".join(lines).encode("utf-8", "strict")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("t.jsonl.gz" if zipped else "t.ndjson")
        path.write_bytes(gzip.compress(data) if zipped else data)
        table = open_table(path)
        assert table.columns == ("text", "label")
        assert rows(table) == body


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    assert rows(table_of(tmp_path, r'{"text": "a\ud800b\u0000"}')) == [("a\ud800b\0",)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "open', "not valid JSON: .* at character"),
        ("plain", "not valid JSON"),
        ("[1, 2]", "a JSON array where an object"),
        ('"x"', "where an object"),
        ("{}", "a JSON object with no keys"),
        ('{"text": "x"}', "no value for 'label'"),
        ('{"text": ["x"], "label": 1}', "'text' holds a nested array"),
        ('{"text": {"x": 1}, "label": 1}', "'text' holds a nested object, not text\\. The row"),
        ('{"text": "x", "label": ["a", "b"]}', "'label' holds a nested array, .*give --task multilabel"),
        ('{"text": "x", "label": 1, "text": "y"}', "'text' is there twice"),
        ("[" * 100_000, "recursion|JSON"),
    ],
)
def test_faults_name_the_line_and_can_be_skipped(tmp_path: Path, line: str, reason: str) -> None:
    content = f'{{"text": "a", "label": 1}}\n\n{line}\n{{"text": "b", "label": 2, "more": []}}\n'
    with pytest.raises(ReadError, match=rf"t\.jsonl, line 3: .*({reason})"):
        rows(table_of(tmp_path, content))
    table = table_of(tmp_path, content, bad_rows="skip", rejects_path=str(tmp_path / "r.csv"))
    assert rows(table) == [("a", "1"), ("b", "2")]
    assert table.rejected == 1
    assert (tmp_path / "r.csv").read_text().startswith("line,reason,row\n3,")


def test_no_rows(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="has no rows"):
        table_of(tmp_path, "\n \n")
    with pytest.raises(ReadError, match="line 1: a JSON object with no keys"):
        table_of(tmp_path, '{}\n{"text": "a"}')
    with pytest.raises(ReadError, match="all 1 were rejected"):
        rows(table_of(tmp_path, '{"a": [1]}', bad_rows="skip"))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="Did you mean 'text'"):
        next(table_of(tmp_path, '{"text": "a"}').batches(["txt"]))
