"""From a table to parts: each label in its share, repeats together, and what cannot be learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.data.label_sets import to_key
from recurra.errors import ColumnError, LabelError, OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.tasks.multilabel.learn.split import Read, divided, read_label_rows
from recurra.tasks.multilabel.options import MultilabelOptions
from support.labelled import LABELS, Told, labelled_rows, write_indicators, write_labelled


def corpus_of(rows: Sequence[tuple[str, Sequence[str]]]) -> Corpus:
    corpus = Corpus()
    for text, labels in rows:
        corpus.add(text, to_key(labels))
    corpus.seal()
    return corpus


def test_labels_are_in_order_and_each_part_has_its_share() -> None:
    rows = labelled_rows(600)
    with corpus_of(rows) as corpus:
        labels, members, parts = divided(corpus, [None] * 600, MultilabelOptions())
    assert labels == LABELS
    assert members.tolist() == [[label in has for label in LABELS] for _, has in rows]
    assert parts.test.sum() == 60 and parts.valid.sum() == 54 and not (parts.train & (parts.test | parts.valid)).any()
    np.testing.assert_allclose(members[parts.test].mean(axis=0), members.mean(axis=0), atol=0.02)
    assert "stratified by label" in parts.how and "labels_not_in_training" not in parts.counts()


def test_texts_that_repeat_are_on_one_side_whatever_their_labels() -> None:
    rows = [(text, labels) for text, labels in labelled_rows(50) for labels in (labels, [], labels)]
    with corpus_of(rows) as corpus:
        _, _, parts = divided(corpus, [None] * 150, MultilabelOptions(split=0.3))
        for part in (parts.train, parts.valid, parts.test):
            assert not set(corpus.groups[part]) & set(corpus.groups[~part])


def test_a_label_that_no_training_row_has_is_told_and_none_of_the_models() -> None:
    rows = [*labelled_rows(40), ("new words here", ["wine", "food"])]
    named = ["train"] * 40 + ["test"]
    with corpus_of(rows) as corpus:
        labels, members, parts = divided(corpus, named, MultilabelOptions(split_column="part"))
    assert labels == LABELS and parts.unknown == {"wine": 1} and members[40].tolist() == [True, False, False, False]
    assert parts.counts()["labels_not_in_training"] == {"wine": 1}


def test_numbers_are_ordered_by_value() -> None:
    rows = [(f"text {n}", [str(n % 12)] * (n % 3 > 0)) for n in range(60)]
    with corpus_of(rows) as corpus:
        labels, _, _ = divided(corpus, [None] * 60, MultilabelOptions())
    assert labels == sorted(labels, key=int)


BAD: list[tuple[list[tuple[str, list[str]]], str]] = [
    ([], "no row with a text and something said of its labels"),
    ([(f"t{n}", []) for n in range(20)], "No row has any label"),
    ([(f"t{n}", ["a", "b"]) for n in range(20)], "all have the same labels .*'a', 'b'"),
    (
        [(f"t{n}", [f"l{n}"]) for n in range(120)] + [("x", [f"m{n}" for n in range(9)])],
        "more than one new label a row",
    ),
]


@pytest.mark.parametrize(("rows", "words"), BAD)
def test_what_cannot_be_learnt(rows: list[tuple[str, list[str]]], words: str) -> None:
    with corpus_of(rows) as corpus, pytest.raises(LabelError, match=words):
        divided(corpus, [None] * len(rows), MultilabelOptions())


@contextmanager
def read(folder: Path, data: Path, **options: Any) -> Iterator[tuple[Corpus, Read]]:
    with Corpus() as corpus:
        rejects = folder / "rejects"
        found = read_label_rows(corpus, str(data), MultilabelOptions(**options), Told(), rejects=rejects)
        corpus.seal()
        yield corpus, found


def test_a_file_of_held_out_rows_is_read_as_the_other(tmp_path: Path) -> None:
    rows = labelled_rows(30)
    data = write_indicators(tmp_path / "a.csv", rows[:20])
    test = write_indicators(tmp_path / "b.csv", rows[20:])
    with read(tmp_path, data, labels=",".join(LABELS), test=str(test)) as (corpus, found):
        assert found.named == ["train"] * 20 + ["test"] * 10 and len(corpus) == 30
    cells, others = (
        write_labelled(tmp_path / "c.csv", rows[:20], "#"),
        write_labelled(tmp_path / "d.csv", rows[20:], "#"),
    )
    with read(tmp_path, cells, separator="#", test=str(others)) as (corpus, found):
        assert corpus.label_names[corpus.labels[25]] == to_key(rows[25][1])
    other = write_labelled(tmp_path / "e.csv", rows, "#", "other")
    with (
        pytest.raises(ColumnError, match=r"--test .*write both files with the same names"),
        read(tmp_path, cells, separator="#", test=str(other)),
    ):
        pass


def test_a_column_of_parts_is_used_or_told_of(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,labels,part\nx,a,train\ny,b,test\nz,a;b,train\n", encoding="utf-8")
    with read(tmp_path, path, split_column="part") as (_, found):
        assert found.named == ["train", "test", "train"]
    with read(tmp_path, path) as (_, found):
        assert any("--split-column part" in note for note in found.table.opened.notes)
    with pytest.raises(OptionError, match="there is no such column"), read(tmp_path, path, split_column="parts"):
        pass
