"""Groups of rows by a column: equal texts join them, and what is odd about them is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import recurra
from recurra.data.cell_column import CellColumn
from recurra.errors import OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.row_groups import RowGroups, group_numbers, validating
from recurra.training.split import Parts

Row = tuple[int, str | None]


def _corpus(rows: list[Row]) -> Corpus:
    """rows: the number of a text, and who wrote it."""
    corpus = Corpus()
    corpus.beside = {"author": CellColumn("author")}
    for text, author in rows:
        corpus.add(f"text {text}", "label")
        corpus.beside["author"].add(author)
    corpus.seal()
    return corpus


def _groups(rows: list[Row]) -> RowGroups:
    with _corpus(rows) as corpus:
        found = RowGroups.of(corpus, "author")
    assert found is not None
    return found


@given(st.lists(st.tuples(st.integers(0, 12), st.none() | st.sampled_from("abcde")), min_size=1, max_size=30))
def test_rows_are_together_exactly_where_texts_and_groups_lead_from_one_to_another(rows: list[Row]) -> None:
    reach = np.array([[one[0] == two[0] or (one[1] == two[1] and one[1] is not None) for two in rows] for one in rows])
    for _ in rows:
        reach = reach @ reach
    found = _groups(rows).together
    assert ((found[:, None] == found) == reach).all()


def test_what_is_odd_is_told() -> None:
    rows: list[Row] = [(i, ("big", "big", "a", "b", None)[i % 5]) for i in range(200)]
    rows += [(500, "c"), (500, "d"), *((1000 + i, "big") for i in range(60))]
    groups = _groups(rows)
    held = np.isin(groups.codes, [2, 3, 4])
    parts = Parts(~held, np.zeros(262, bool), held, "", 0)
    said = groups.in_words(parts, 0.1, "label", 7)
    for words in (
        "16.0% of the rows held out (0.1 of all was asked for), whole groups of 'author' (",
        "stratified by label as far as these allow",
        "seed 7",
        "40 rows without a cell in 'author', each a group of its own",
        "one group has 53% of the rows",
        "groups that share a text are kept together, which makes 4 of 5",
    ):
        assert words in said, said
    assert "big" not in said  # a name may be a person's
    assert groups.facts(parts) == {"column": "author", "train": 42, "valid": 0, "test": 3}
    assert groups.overlap(parts) == []
    unnamed = groups.codes < 0
    (told,) = groups.overlap(Parts(~unnamed, np.zeros(262, bool), unnamed, ""))
    assert told.startswith("no held-out row has a cell in 'author', so that it cannot be told whether training has")
    mixed = np.arange(262) % 2 == 0
    unknown, told = groups.overlap(Parts(mixed, np.zeros(262, bool), ~mixed, ""))
    assert unknown.startswith("20 held-out rows without a cell in 'author', so that it cannot be told")
    assert "held-out rows are of " in told and "training has rows of too" in told


def test_too_few_groups_are_refused() -> None:
    with pytest.raises(OptionError, match="the rows are of 2 groups, and it takes 3 at least"):
        _groups([(1, "a"), (2, "b"), (3, "b")]).check(np.arange(3))
    with pytest.raises(OptionError, match=r"of 1 group, since those that share a text stay together \(3 are named\)"):
        _groups([(1, "a"), (1, "b"), (1, "c")]).check(np.arange(3))
    groups = _groups([(i, "abcd"[i % 4]) for i in range(40)])
    groups.check(np.arange(40))
    with pytest.raises(OptionError, match="each of them has all rows of some label"):
        groups.held_out(np.arange(40), groups.codes, 0.2, 0, 2)


def test_an_estimators_groups_are_one_a_text() -> None:
    assert group_numbers(["x", "y", "x", None], 4).tolist() == [0, 1, 0, 2]
    assert group_numbers(np.array([3.5, 1.0, 3.5]), 3).tolist() == [0, 1, 0]
    for groups, words in (
        (["a"], "one value for each of the 2"),
        ([["a"], ["b"]], "one value"),
        (["a", "a"], "one group"),
    ):
        with pytest.raises(OptionError, match=words):
            group_numbers(groups, 2)
    rows: list[Row] = [(i % 45, "xyzuvw"[i % 6]) for i in range(60)]
    with _corpus(rows) as corpus:
        numbers = np.arange(60) // 5
        held = validating(corpus, numbers, np.arange(60) % 2, 0.3, 0)
        assert 0 < held.sum() < 40
        assert not set(numbers[held]) & set(numbers[~held]) and not set(corpus.groups[held]) & set(corpus.groups[~held])


class Stopped(Exception):
    """Training would begin now."""


@pytest.mark.parametrize(
    ("task", "fit", "estimator"),
    [
        ("classify", "fit_classifier", "SequenceClassifier"),
        ("multilabel", "fit_multilabel", "SequenceMultilabelClassifier"),
        ("regress", "fit_regressor", "SequenceRegressor"),
    ],
)
def test_estimators_validate_with_whole_groups(
    monkeypatch: pytest.MonkeyPatch, task: str, fit: str, estimator: str
) -> None:
    seen: list[NDArray[np.bool_]] = []

    def stop(*arguments: Any, **more: Any) -> None:
        seen.extend(x for x in arguments if isinstance(x, np.ndarray) and x.dtype == np.bool_ and x.ndim == 1)
        raise Stopped

    monkeypatch.setattr(f"recurra.tasks.{task}.learn.estimator.{fit}", stop)
    texts = ["", *(f"some text {i}" for i in range(119))]
    groups = [f"author {i // 7}" for i in range(120)]
    answers: Any = [["a"] if i % 2 else ["b", "a"] for i in range(120)] if task == "multilabel" else np.arange(120) % 2
    with pytest.raises(Stopped):
        getattr(recurra, estimator)(valid=0.2).fit(texts, answers, groups=groups)
    train, valid = seen
    kept = np.array(groups[1:])  # the first text is empty
    assert 12 <= valid.sum() <= 36 and (train ^ valid).all()
    assert not set(kept[train]) & set(kept[valid])
    with pytest.raises(OptionError, match="one value for each"):
        getattr(recurra, estimator)().fit(texts, answers, groups=groups[1:])
