"""Objects as rows: what JSON lines and arrays share."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.data.tables.readers import open_table
from recurra.errors import ReadError


def table_of(folder: Path, content: str):  # type: ignore[no-untyped-def]
    path = folder / "t.jsonl"
    path.write_bytes(content.encode())
    return open_table(path)


def rows(table) -> list[tuple[str | None, ...]]:  # type: ignore[no-untyped-def]
    return [row for batch in table.batches(table.columns) for row in batch]


def test_numbers_keep_their_spelling_and_truth_values_theirs(tmp_path: Path) -> None:
    content = "\n".join(
        f'{{"v": {v}}}' for v in ("1.00", "1e3", "-0", "12345678901234567890123", "true", "false", "null")
    )
    expected = ["1.00", "1e3", "-0", "12345678901234567890123", "true", "false", None]
    assert [row[0] for row in rows(table_of(tmp_path, content))] == expected


def test_values_inside_objects_are_columns(tmp_path: Path) -> None:
    content = (
        '{"id": 1, "data": {"text": "a", "more": {"n": 1.50}}, "empty": {}, "a.b": "plain", "a": {"b": "inner"}}\n'
        '{"data": {"more": {"n": null}, "text": "b"}, "id": 2, "empty": null, "a": {"b": "x"}, "a.b": "y", "z": 0}\n'
        '{"data": null, "id": 3, "empty": null, "a": null, "a.b": "z"}\n'
    )
    table = table_of(tmp_path, content)
    assert table.columns == ("id", "data.text", "data.more.n", "empty", "a.b")
    assert list(table.batches(["data.text", "data.more.n", "id", "a.b"])) == [
        [("a", "1.50", "1", "plain"), ("b", None, "2", "y"), (None, None, "3", "z")]
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"data": {"other": "b"}}', "no value for 'data.text'"),
        ('{"data": "b"}', "no value for 'data.text'"),
        ('{"data": {"text": {"x": 1}}}', "'data.text' holds a nested object"),
    ],
)
def test_faults_inside_objects(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ReadError, match=f"line 2: .*{reason}"):
        rows(table_of(tmp_path, f'{{"data": {{"text": "a"}}}}\n{line}\n'))


def test_objects_deep_inside_others_are_values(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"a": ' * 500 + "1" + "}" * 500 + "\n")
    assert table.columns == (".".join("a" * 9),)
    with pytest.raises(ReadError, match="nested object"):
        rows(table)


@pytest.mark.parametrize("row", ['{"KEY": [1]}', '{"KEY": 1, "KEY": 2}', '{"KEY": "a"}\n{"b": "c"}'])
def test_a_long_key_is_cut_in_the_message(tmp_path: Path, row: str) -> None:
    with pytest.raises(ReadError, match=r"'kkkk.*\.\.\.'") as raised:
        rows(table_of(tmp_path, row.replace("KEY", "k" * 5000)))
    assert len(str(raised.value)) < 800


def test_lists_are_refused_or_given_as_json(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"text": "x", "label": ["a", 1.50, null]}\n{"text": "y", "label": []}\n')
    with pytest.raises(ReadError, match="nested array"):
        rows(table)
    table.lists_as_json = frozenset({"label"})
    assert rows(table) == [("x", '["a", "1.50", null]'), ("y", "[]")]
    nested = table_of(tmp_path, '{"text": ["x"], "label": ["y"]}\n')
    nested.lists_as_json = frozenset({"label"})
    with pytest.raises(ReadError, match="'text' holds a nested array"):
        rows(nested)
