"""JSON documents against Python's json: arrays of objects, and objects that hold one; and their faults."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables import json_window
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect
from recurra.errors import ReadError


def table_of(folder: Path, content: str, **options: Any):  # type: ignore[no-untyped-def]
    path = folder / "t.json"
    path.write_bytes(content.encode())
    return open_table(path, **options)


def rows(table) -> list[tuple[str | None, ...]]:  # type: ignore[no-untyped-def]
    return [row for batch in table.batches(table.columns) for row in batch]


@settings(max_examples=100, deadline=None)
@given(
    body=st.lists(st.tuples(st.text(), st.none() | st.text()), min_size=1, max_size=10),
    indent=st.sampled_from([None, 2]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
    held=st.booleans(),
    zipped=st.booleans(),
    chunk=st.sampled_from([7, 100, 1 << 18]),
)
def test_what_json_writes_is_read_back(
    body: list[tuple[str, str | None]], indent: int | None, encoding: str, held: bool, zipped: bool, chunk: int
) -> None:
    found: Any = [{"text": text, "label": label} for text, label in body]
    if held:
        found = {"version": "1.1", "more": {"n": [1, 2]}, "empty": [], "data": found, "after": [1, [{}]]}
    data = json.dumps(found, indent=indent, ensure_ascii=encoding != "utf-16").encode(encoding)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_window, "CHUNK", chunk)
        path = Path(folder) / ("t.json.gz" if zipped else "T.JSON")
        path.write_bytes(gzip.compress(data) if zipped else data)
        table = open_table(path, Dialect(encoding="utf-16" if encoding == "utf-16" else "utf-8"))
        assert (table.format, table.columns) == ("json", ("text", "label"))
        assert rows(table) == body


def test_json_lines_under_this_name_are_json_lines(tmp_path: Path) -> None:
    table = table_of(tmp_path, '\n{"text": "a", "n": 1.50}\n{"text": "b", "n": 2}\n')
    assert (table.format, rows(table)) == ("jsonl", [("a", "1.50"), ("b", "2")])


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ("[1, 2]", "a JSON array where an object"),
        ("5", "where an object"),
        ("{}", "a JSON object with no keys"),
        ('{"text": "x"}', "no value for 'label'"),
        ('{"text": ["x"], "label": 1}', "'text' holds a nested array"),
        ('{"text": "x",\n"label": 1, "text": "y"}', "'text' is there twice"),
    ],
)
def test_an_object_that_is_no_row_is_named_and_can_be_skipped(tmp_path: Path, element: str, reason: str) -> None:
    content = f'[\n{{"text": "a", "label": 1}},\n\n{element},\n{{"text": "b", "label": 2, "more": []}}]'
    with pytest.raises(ReadError, match=rf"t\.json, line 4, object 2: .*({reason})"):
        rows(table_of(tmp_path, content))
    table = table_of(tmp_path, content, bad_rows="skip", rejects_path=str(tmp_path / "r.csv"))
    assert rows(table) == [("a", "1"), ("b", "2")]
    assert table.rejected == 1
    assert (tmp_path / "r.csv").read_text().startswith("line,reason,row\n4,")


@pytest.mark.parametrize("bad_rows", ["stop", "skip"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[{"a": 1},\n{"a": 2}\n{"a": 3}]', "line 3: not valid JSON: ',' or ']' is expected after object 2"),
        ('[{"a": 1},\n{"a": 2},\n{"a": 3', "line 3: not valid JSON: line 3, object 3: "),
        ('[{"a": 1},\n{"a": x}]', "line 2: not valid JSON: line 2, object 2: Expecting value"),
        ('[{"a": 1}] [', "'\\[' after the end"),
        ('[{"a": 1}]\n{"a": 2}', "line 2: .*'{' after the end.*suffix .jsonl"),
        ('{"data": [{"a": 1}], "more": [{"a": 2}]}', "several arrays of objects, under 'data' and 'more'"),
        ('{"data": [{"a": 1}], 5: 6}', "a key in quotes is expected"),
        ('{"data": [{"a": 1}] "b": 6}', "',' or '}' is expected"),
        ('{"data": [{"a": 1}], "b" 6}', "':' is expected after the key 'b'"),
    ],
)
def test_a_broken_document_is_refused_where_that_shows(
    tmp_path: Path, content: str, reason: str, bad_rows: str
) -> None:
    table = table_of(tmp_path, content, bad_rows=bad_rows, rejects_path=tmp_path / "r.csv")
    with pytest.raises(ReadError, match=reason):
        rows(table)
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", "has no rows. Expected an array of objects"),
        ('{"text": "a", "list": [1]}', r"without an array of objects in it \(its keys: 'text', 'list'\)"),
        ('{"text": {"0": "a"}}', "orient='records'"),
        ('"text"', "where an array of objects should begin"),
        ("{", "a key in quotes is expected"),
        (" ", "where an array"),
        ("[{}]", "line 1, object 1: a JSON object with no keys"),
    ],
)
def test_no_rows(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        table_of(tmp_path, content)


def test_values_inside_objects_are_columns(tmp_path: Path) -> None:
    table = table_of(tmp_path, '[{"review": {"body": "a"}, "meta": {"stars": 5.0}, "a.b": 1, "a": {"b": 2}}]')
    assert table.columns == ("review.body", "meta.stars", "a.b")
    assert rows(table) == [("a", "5.0", "1")]


def test_what_is_written_of_an_object_is_one_line(tmp_path: Path) -> None:
    table = table_of(tmp_path, json.dumps([{"text": "a\nb", "n": [1, 2]}, {"text": "c", "n": None}], indent=1))
    lines = [line for line, _, _ in table.rows_with_lines(["text"])]  # type: ignore[attr-defined]
    assert all("\n" not in line for line in lines)
    assert list(map(json.loads, lines)) == [{"text": "a\nb", "n": [1, 2]}, {"text": "c", "n": None}]
