"""Tagged sentences in JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recurra.errors import ColumnError, ReadError
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_tagged

ROWS = [
    {"id": 1, "tokens": ["EU", "rejects"], "tags": ["B-ORG", "O"]},
    {"tokens": ["¿Qué?"], "tags": [7], "x": {"y": None}},
]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_words_and_tags_are_read_and_written_back(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(ROWS[0]) + "\n\n" + json.dumps(ROWS[1], ensure_ascii=False) + "\r\n")
    file = open_tagged(path)
    sentences = list(file.sentences())
    assert (file.format, file.tag_column) == ("jsonl", "tags")
    assert [(each.words, each.tags, each.line) for each in sentences] == [
        (["EU", "rejects"], ["B-ORG", "O"], 1),
        ([], [], 2),
        (["¿Qué?"], ["7"], 3),
    ]
    again = [file.retagged(each, ["X"] * len(each.words)) for each in sentences]
    assert again[1] == "\n" and again[2].endswith("}\r\n")
    assert json.loads(again[0]) == {**ROWS[0], "tags": ["X", "X"]}
    assert json.loads(again[2]) == {**ROWS[1], "tags": ["X"]}


def test_keys_can_be_named_and_tags_may_be_missing(tmp_path: Path) -> None:
    path = written(tmp_path, '{"words": ["a", "b"]}\n')
    file = open_tagged(path, TaggedFileOptions(word_column="words", tag_column="pos"), tags_needed=False)
    (sentence,) = file.sentences()
    assert json.loads(file.retagged(sentence, ["X", "Y"])) == {"words": ["a", "b"], "pos": ["X", "Y"]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"tokens": ["a", "b"], "tags": ["X"]}', "line 2: 2 under 'tokens' and 1 under 'tags'"),
        ('{"tokens": ["a"], "labels": ["X"]}', r"line 2: no 'tags' \(its keys: 'tokens', 'labels'"),
        ('{"tokens": "a b", "tags": ["X"]}', "line 2: 'tokens' is not a list of strings"),
        ('{"tokens": [1], "tags": ["X"]}', "line 2: 'tokens' is not a list of strings"),
        ('{"tokens": ["a", ""], "tags": ["X", "Y"]}', "line 2: word 2 is empty"),
        ('{"tokens": ["a"], "tags": [""]}', "line 2: tag 1 is empty"),
        ('{"tokens": ["a"]', "line 2: not valid JSON"),
        ("[1]", "line 2: not a JSON object"),
    ],
)
def test_a_broken_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path, json.dumps(ROWS[0]) + "\n" + line + "\n")
    with pytest.raises(ReadError, match=rf"a\.jsonl, {message}"):
        list(open_tagged(path).sentences())


def test_a_file_without_a_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="has no words"):
        list(open_tagged(written(tmp_path, '{"tokens": [], "tags": []}\n')).sentences())
    with pytest.raises(ColumnError, match="cannot both be under 'tags'"):
        open_tagged(written(tmp_path, "\n{}"), TaggedFileOptions(word_column="tags"))
