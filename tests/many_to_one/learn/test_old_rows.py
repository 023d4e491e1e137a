"""The rows of a model that training goes on with, found again and kept apart from new ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import ColumnError, DataError, ReadError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.trained import Trained, read_trained
from recurra.many_to_one.text_profile import NAME, TextProfile
from recurra.tasks.classify.options import ClassifyOptions
from recurra.training.split import Parts
from support.whole_commands import in_sentences

TEXTS = [f"text number {number}" for number in range(8)]


@pytest.fixture
def model(trained: tuple[Path, dict[str, Any]]) -> Trained:
    """One whose rows are TEXTS, as far as its manifest says."""
    found = read_trained(trained[0], "classify")
    with Corpus(level="word") as corpus:
        read(corpus, "texts", None)
        corpus.seal()
        return replace(found, data={"name": "texts", "fingerprint": corpus.fingerprint}, split={})


def read(corpus: Corpus, data: str, options: Any) -> list[str | None]:
    for number, text in enumerate(TEXTS):
        corpus.add(text, "ab"[number % 2])
    return [None] * len(TEXTS)


def divide(corpus: Corpus, named: list[str | None], options: Any) -> Parts:
    place = np.arange(len(corpus))
    return Parts(place < 4, place == 4, place > 4, "by place")


def new_rows(tmp_path: Path, texts: list[str]) -> Corpus:
    corpus = Corpus(tmp_path, level="word")
    for text in texts:
        corpus.add(text, "a")
    corpus.seal()
    return corpus


def test_new_rows_are_kept_apart_from_old_ones(model: Trained, tmp_path: Path) -> None:
    going_on = Continuation(model, ClassifyOptions(level="word"), tmp_path)
    assert going_on.find(read, divide) == []
    assert going_on.old is not None
    assert list(going_on.old.texts()) == TEXTS[5:] and going_on.old.answers() == ["b", "a", "b"]
    with new_rows(tmp_path, ["new", TEXTS[1], TEXTS[6].upper(), "other", TEXTS[2], TEXTS[7], TEXTS[5]]) as corpus:
        train, valid, test = (np.array([place in part for place in range(7)]) for part in ({0, 1, 2}, {3, 6}, {4, 5}))
        parts = Parts(train, valid, test, "")
        told = going_on.keep_apart(corpus, parts)
        assert np.flatnonzero(parts.train).tolist() == [0, 1], "2 repeats what is held out, but for case"
        assert np.flatnonzero(parts.valid).tolist() == [3]
        assert np.flatnonzero(parts.test).tolist() == [5], "4 repeats what was learnt; 5 was never seen"
    assert going_on.kept_apart == {"learnt": 2, "held_out": 1, "again": 1}
    in_sentences(" ".join(told))
    assert len(told) == 3
    going_on.close()


def test_no_new_row_is_an_error(model: Trained, tmp_path: Path) -> None:
    going_on = Continuation(model, ClassifyOptions(level="word"), tmp_path)
    going_on.find(read, divide)
    with new_rows(tmp_path, TEXTS[5:]) as corpus, pytest.raises(DataError, match="no new row to learn from"):
        going_on.keep_apart(corpus, Parts(np.array([1, 1, 0]) > 0, np.array([0, 0, 1]) > 0, np.zeros(3) > 0, ""))
    going_on.close()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "texts", "fingerprint": "0" * 64}, "texts is not what it was"),
        ({"name": "gone", "fingerprint": "0" * 64}, "cannot be read (gone is not there)"),
        ({"name": "rows given to SequenceClassifier.fit"}, "it was trained in Python"),
    ],
)
def test_why_old_rows_are_missing_is_told(data: dict[str, str], words: str, model: Trained, tmp_path: Path) -> None:
    def reading(corpus: Corpus, name: str, options: Any) -> list[str | None]:
        if name == "gone":
            raise ReadError("gone is not there. Give another.")
        return read(corpus, name, options)

    going_on = Continuation(replace(model, data=data), ClassifyOptions(level="word"), tmp_path)
    (told,) = going_on.find(reading, divide)
    in_sentences(told)
    assert words in told and "--old-test" in told and going_on.old is None
    with new_rows(tmp_path, ["new"]) as corpus:
        assert going_on.keep_apart(corpus, Parts(*(np.ones((3, 1)) > 0), "")) == []
    going_on.close()


def test_a_file_of_old_rows_is_held_out_whole(model: Trained, tmp_path: Path) -> None:
    options = ClassifyOptions(level="word", from_="m", old_test="held.csv")
    going_on = Continuation(model, options, tmp_path)
    assert going_on.find(read, divide) == []
    assert going_on.old is not None and list(going_on.old.texts()) == TEXTS and going_on.old.name == "held.csv"
    going_on.close()


@pytest.mark.parametrize(
    ("config", "split", "words"),
    [
        ({"folds": 4}, {}, "trained with --folds 4"),
        ({}, {"train": 4, "valid": 2, "test": 2}, "5 learnt and 3 held out, against 6 and 2"),
        ({}, {"train": 3, "valid": 1, "test": 3}, "5 learnt and 3 held out, against 4 and 3"),
    ],
)
def test_rows_that_were_learnt_from_measure_nothing(
    config: dict[str, int], split: dict[str, int], words: str, model: Trained, tmp_path: Path
) -> None:
    trained = replace(model, config={**model.config, **config}, split=split)
    going_on = Continuation(trained, ClassifyOptions(level="word"), tmp_path)
    (told,) = going_on.find(read, divide)
    in_sentences(told)
    assert words in told and "--old-test" in told
    assert going_on.old is not None and going_on.old.answers() == []
    with new_rows(tmp_path, ["new", "other", TEXTS[6], "more"]) as corpus:
        parts = Parts(*(np.array([place in part for place in range(4)]) for part in ({0}, {1}, {2, 3})), "")
        going_on.keep_apart(corpus, parts)
        assert np.flatnonzero(parts.test).tolist() == [3], "2 may have been learnt from"
    going_on.close()


def test_what_was_kept_apart_when_the_model_went_on_itself_is_no_other_division(model: Trained, tmp_path: Path) -> None:
    split = {"train": 3, "valid": 1, "test": 3, "kept_apart": {"learnt": 1, "held_out": 0, "again": 0}}
    going_on = Continuation(replace(model, split=split), ClassifyOptions(level="word"), tmp_path)
    assert going_on.find(read, divide) == []
    assert going_on.old is not None and len(going_on.old.answers()) == 3
    going_on.close()


def test_old_rows_need_no_column_of_the_new_ones(model: Trained, tmp_path: Path) -> None:
    columns = {"group": "who", "weight": "worth", "slice": "where", "split_by_time": "when"}
    seen = []

    def reading(corpus: Corpus, data: str, options: Any) -> list[str | None]:
        seen.append({name: getattr(options, name) for name in columns})
        raise ColumnError("There is no column 'text'. Give --text.")

    options = ClassifyOptions(level="word", from_="m", old_test="held.csv", **columns)
    going_on = Continuation(model, options, tmp_path)
    with pytest.raises(ColumnError, match=r"^--old-test held\.csv: There is no column"):
        going_on.find(reading, divide)
    assert seen == [dict.fromkeys(columns)]
    going_on.close()


def test_new_held_out_rows_that_the_model_knows_are_told(model: Trained, tmp_path: Path) -> None:
    with new_rows(tmp_path, TEXTS[:4]) as learnt:
        known = profile_of(learnt, np.ones(4, dtype=bool))
    trained = replace(model, data={}, metrics=known)
    going_on = Continuation(trained, ClassifyOptions(level="word"), tmp_path)
    going_on.find(read, divide)
    assert going_on.old is None
    with new_rows(tmp_path, ["new", "other", TEXTS[1], TEXTS[3], TEXTS[6]]) as corpus:
        parts = Parts(*(np.array([place in part for place in range(5)]) for part in ({0}, {1}, {2, 3, 4})), "")
        (told,) = going_on.keep_apart(corpus, parts)
        in_sentences(told)
        assert "learnt from 2 of the 3 new held-out rows" in told and parts.test.sum() == 3
        both = profile_of(corpus, parts.train, start=trained)[NAME]
        assert both["rows"] == 5 and TextProfile(**both).seen(corpus.digests) == (3, 5)
    going_on.close()
