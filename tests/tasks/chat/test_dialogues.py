"""Dialogues: what is read, and what is said of a line that is none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ColumnError, ReadError, RecurraError
from recurra.tasks.chat.dialogues import read_dialogues


@given(st.lists(st.lists(st.text()), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_every_turn_comes_out_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, told: list) -> None:
    path = tmp_path_factory.mktemp("d") / "d.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": 1, "said": turns}) + "\n\n" for turns in told)
    assert list(read_dialogues(path, "said")) == [(2 * n + 1, turns) for n, turns in enumerate(told)]


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ('{"turns": ["a"', ReadError, "line 2: not valid JSON"),
        ('["a", "b"]', ReadError, "line 2: not an object"),
        ('{"turn": ["a", "b"]}', ColumnError, r"line 2: there is no 'turns'\. Did you mean 'turn'.*--turns"),
        ('{"turns": "a"}', ReadError, r"line 2: 'turns' is not a list of texts \(not a list\)"),
        ('{"turns": ["a", 3]}', ReadError, "turn 2 is not a text"),
    ],
)
def test_a_line_that_is_no_dialogue_is_named(tmp_path: Path, line: str, kind: type[RecurraError], words: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('{"turns": ["a", "b"]}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(kind, match=words):
        list(read_dialogues(path))


def test_files_without_dialogues_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    with pytest.raises(ReadError, match="does not exist"):
        list(read_dialogues(path))
    path.write_text("\n \n", encoding="utf-8")
    with pytest.raises(ReadError, match="has no dialogues"):
        list(read_dialogues(path))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz", "a.parquet"])
def test_a_table_is_no_dialogue(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PAR1")
    with pytest.raises(ReadError, match=r"is a table\..*\.jsonl"):
        next(read_dialogues(tmp_path / name))


def test_an_empty_file_is_spoken_of_without_tables(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    with pytest.raises(ReadError, match="is empty") as caught:
        next(read_dialogues(tmp_path / "a.jsonl"))
    assert "table" not in str(caught.value)
