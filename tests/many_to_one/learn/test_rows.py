"""Rows of a table in the corpus, with their answers as a task reads them, and the parts that the data name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import ColumnError, OptionError
from recurra.many_to_one.columns import TARGET
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.rows import parts_as_named, read_rows
from recurra.many_to_one.options import RowOptions
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)


class NumberRows(RowOptions):
    """Rows with a number each."""

    target: str | None = None


def read(folder: Path, content: str, options: Any, **how: Any) -> tuple[Corpus, Any, list[str | None]]:
    path = folder / "rows.csv"
    path.write_text(content, encoding="utf-8")
    corpus = Corpus(folder)
    try:
        opened, named = read_rows(corpus, str(path), options, QUIET, rejects=folder / "rejects", **how)
    except BaseException:
        corpus.close()
        raise
    corpus.seal()
    return corpus, opened, named


def test_answers_are_read_with_their_row_and_column(tmp_path: Path) -> None:
    seen: list[tuple[str | None, int, str]] = []

    def number(cell: str | None, row: int, name: str) -> str | None:
        seen.append((cell, row, name))
        return None if cell == "-" else cell

    corpus, opened, named = read(tmp_path, "review,stars\na b,1\nc,-\nd,3\n", NumberRows(), answer=TARGET, read=number)
    with corpus:
        assert seen == [("1", 1, "stars"), ("-", 2, "stars"), ("3", 3, "stars")]
        assert (opened.text, opened.label) == ("review", "stars")
        assert corpus.label_names == ["1", "3"]
        assert corpus.sources.tolist() == [1, 3]
        assert named == [None, None]


def test_named_parts_are_taken_without_repeats_of_training(tmp_path: Path) -> None:
    rows = ["a,x,train", "b,y,train", "A,x,test", "c,y,test", "b ,x,dev", "d,y,valid"]
    options = ClassifyOptions(split_column="part")
    corpus, _, named = read(tmp_path, "text,label,part\n" + "\n".join(rows) + "\n", options)
    with corpus:
        parts = parts_as_named(corpus, named, options, 0)
    assert np.flatnonzero(parts.train).tolist() == [0, 1]
    assert np.flatnonzero(parts.test).tolist() == [3]
    assert np.flatnonzero(parts.valid).tolist() == [5]
    assert parts.leaked == 1
    assert "'part'" in parts.how


@pytest.mark.parametrize(("part", "message"), [("later", "row 2 holds 'later'"), ("train", "0 held out")])
def test_a_part_that_is_none_or_missing_is_refused(tmp_path: Path, part: str, message: str) -> None:
    options = ClassifyOptions(split_column="part")
    corpus, _, named = read(tmp_path, f"text,label,part\na,x,train\nb,y,{part}\n", options)
    with corpus, pytest.raises(OptionError, match=message):
        parts_as_named(corpus, named, options, 0)


def test_the_column_that_is_missing_is_named_by_its_option(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r"--text COL --target COL"):
        read(tmp_path, "a,b,c\n1,2,3\n", NumberRows(), answer=TARGET)
