"""Rows with sets of labels, from cells, lists and columns; guesses; and errors that name row and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recurra.data.label_sets import to_key
from recurra.errors import ColumnError, OptionError, ReadError
from recurra.storage.model_directory import Manifest
from recurra.tasks.multilabel.label_rows import LabelRows, open_labels
from recurra.tasks.multilabel.options import EvaluateOptions
from support.labelled import Told, labelled_rows, write_indicators, write_labelled


def opened(path: Path, told: Told | None = None, manifest: Manifest | None = None, **options: Any) -> LabelRows:
    return open_labels(str(path), EvaluateOptions(**options), told or Told(), manifest=manifest)


def written(folder: Path, text: str, name: str = "t.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def sets(table: LabelRows) -> list[list[str] | None]:
    return [None if key is None else json.loads(key) for _, key in table.rows()]


@pytest.mark.parametrize("separator", [";", "|", ","])
def test_cells_by_a_guessed_separator(tmp_path: Path, separator: str) -> None:
    rows, told = labelled_rows(40), Told()
    table = opened(write_labelled(tmp_path / "t.csv", rows, separator), told)
    assert [*table.rows()] == [(text, to_key(labels)) for text, labels in rows]
    assert any(f"Labels are parted by {separator!r}" in sentence for sentence in told.sentences)
    assert table.facts() == {"label": "labels", "labels": [], "separator": separator}
    assert sets(table) == [sorted(labels) for _, labels in rows]  # again


def test_columns_of_yes_and_no(tmp_path: Path) -> None:
    rows = labelled_rows(30)
    table = opened(write_indicators(tmp_path / "t.csv", rows), labels="food, music,sport,travel")
    assert [*table.rows()] == [(text, to_key(labels)) for text, labels in rows]
    assert [row[-1] for row in table.rows(["id"])] == [str(n) for n in range(30)]
    spelt = written(tmp_path, "text,a,b\nx,Yes,no\ny,TRUE,0\nz,false,1.0\nw,,\n", "u.csv")
    assert sets(opened(spelt, labels="a,b")) == [["a"], ["a"], ["b"], None]


def test_parquet_lists_json_lists_and_fasttext(tmp_path: Path) -> None:
    labels = [["a;b", "c"], [], None, ["c"]]
    pl.DataFrame({"text": ["w", "x", "y", "z"], "tags": labels}).write_parquet(tmp_path / "t.parquet")
    assert sets(opened(tmp_path / "t.parquet", label="tags")) == [["a;b", "c"], [], None, ["c"]]
    lines = "".join(json.dumps({"text": "x", "labels": one}) + "\n" for one in labels)
    assert sets(opened(written(tmp_path, lines, "t.jsonl"))) == [["a;b", "c"], [], None, ["c"]]
    fasttext = written(tmp_path, "__label__b __label__a some text\nno label here\n__label__b x\n", "t.txt")
    assert [*opened(fasttext).rows()] == [("some text", '["a", "b"]'), ("no label here", "[]"), ("x", '["b"]')]


def test_empty_cells_are_texts_without_labels_and_repeats_are_told(tmp_path: Path) -> None:
    table = opened(written(tmp_path, "text,labels\nx,a; a;b\ny,\nz, ; \n"))
    assert sets(table) == [["a", "b"], [], []]
    assert table.sentences() == ["1 row has a label twice; it counts once."]


def test_what_cannot_be_read_names_row_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, "text,a,b\nx,1,0\ny,2,0\nz,0,1\n")
    with pytest.raises(ReadError, match=r"t\.csv, row 2: the column 'a' holds '2'; a column of a label holds 1 or 0"):
        sets(opened(path, labels="a,b"))
    skipping = opened(path, labels="a,b", bad_rows="skip")
    assert sets(skipping) == [["a"], None, ["b"]]
    assert skipping.sentences() == ["1 row is left out, since the labels cannot be read."]
    half = written(tmp_path, "text,a,b\nx,1,\n", "half.csv")
    with pytest.raises(ReadError, match="row 1: the column 'b' holds nothing"):
        sets(opened(half, labels="a,b"))
    listed = written(tmp_path, 'text,labels\nx,"[""a""]"\ny,"[a, b]"\n', "list.csv")
    with pytest.raises(ReadError, match=r"row 2: the column 'labels' holds '\[a, b\]': it begins and ends as a list"):
        sets(opened(listed))


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    path = write_indicators(tmp_path / "t.csv", labelled_rows(5))
    with pytest.raises(ColumnError, match=r"no column 'musik' \(--labels\).*Did you mean 'music'"):
        opened(path, labels="food,musik")
    with pytest.raises(ColumnError, match="'text', which is a column with the texts"):
        opened(path, labels="food,text")
    with pytest.raises(OptionError, match="names the column 'food' twice"):
        opened(path, labels="food,food")
    with pytest.raises(OptionError, match="names no column"):
        opened(path, labels=" , ")
    with pytest.raises(ColumnError, match="--labels ONE,TWO"):
        opened(path)


def test_a_separator_that_is_not_obvious_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, 'text,labels\nx,a;b\ny,"c,d"\n')
    with pytest.raises(OptionError, match="it is not obvious which of them parts labels"):
        opened(path)
    assert sets(opened(path, separator=",")) == [["a;b"], ["c", "d"]]


def manifest(**data: Any) -> Manifest:
    return Manifest(
        recurra="0.1.0", task="multilabel", created="", labels=[], config={}, network={}, metrics={}, data=data,
        files={}, digest="0" * 64,
    )  # fmt: skip


def test_labels_are_where_the_training_had_them(tmp_path: Path) -> None:
    rows = labelled_rows(20)
    columns = write_indicators(tmp_path / "columns.csv", rows)
    known = manifest(text="text", label=None, labels=["food", "sport"], separator=None)
    expected = [sorted(set(labels) & {"food", "sport"}) for _, labels in rows]
    assert sets(opened(columns, manifest=known)) == expected
    cells = write_labelled(tmp_path / "cells.csv", rows, "#", "kinds")
    known = manifest(text="text", label="kinds", labels=[], separator="#")
    assert sets(opened(cells, manifest=known)) == [sorted(labels) for _, labels in rows]
    elsewhere = write_labelled(tmp_path / "elsewhere.csv", rows, "#", "other")
    assert sets(opened(elsewhere, manifest=known, label="other")) == [sorted(labels) for _, labels in rows]
