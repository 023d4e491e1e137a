"""Labelled lines of fastText: read as texts and labels, and refused where a line is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.data.tables.fasttext_table import is_fasttext
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Row
from recurra.errors import ReadError


def written(folder: Path, text: str, name: str = "t.txt") -> Path:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder / name


def rows(path: Path, **options: str) -> list[Row]:
    table = open_table(path, **options)  # type: ignore[arg-type]
    return [row for batch in table.batches(["text", "label"]) for row in batch]


def test_labels_and_texts(tmp_path: Path) -> None:
    path = written(
        tmp_path, "\ufeff__label__good a  fine film\r\n\n__label__très-bad\tno __label__x here\n__label__e \n"
    )
    assert rows(path) == [("a  fine film", "good"), ("no __label__x here", "très-bad"), ("", "e")]
    assert [*open_table(path).batches(["label"], 1)] == [[("good",)], [("très-bad",)], [("e",)]]


@pytest.mark.parametrize(("line", "reason"), [("plain", "no label"), ("__label__a __label__b x", "several labels")])
def test_other_lines(tmp_path: Path, line: str, reason: str) -> None:
    path = written(tmp_path, f"__label__a one\n{line}\n__label__b two\n")
    with pytest.raises(ReadError, match=rf"t\.txt, line 2: {reason}.*--bad-rows skip"):
        rows(path)
    assert rows(path, bad_rows="skip", rejects_path=str(tmp_path / "r")) == [("one", "a"), ("two", "b")]
    assert (tmp_path / "r").read_text().splitlines()[1].startswith("2,")


def test_several_labels_or_none_where_they_are_taken(tmp_path: Path) -> None:
    path = written(
        tmp_path, '__label__a  __label__b,"c" a film \n__label__d\tno __label__x here\nplain\n__label__e\n', "u.txt"
    )
    table = open_table(path)
    table.lists_as_json = frozenset({"label"})
    assert [row for batch in table.batches(["text", "label"]) for row in batch] == [
        ("a film ", '["a", "b,\\"c\\""]'),
        ("no __label__x here", '["d"]'),
        ("plain", "[]"),
        ("", '["e"]'),
    ]


def test_what_is_one(tmp_path: Path) -> None:
    assert not is_fasttext(written(tmp_path, "a __label__b\n"))
    assert not is_fasttext(tmp_path / "none") and not is_fasttext(tmp_path)
    (tmp_path / "t.txt.gz").write_bytes(b"\x1f\x8b no")
    assert not is_fasttext(tmp_path / "t.txt.gz")
    with pytest.raises(ReadError, match=r"unknown kind of file '\.train'.*suffix \.txt"):
        open_table(written(tmp_path, "__label__a x\n", "t.train"))
