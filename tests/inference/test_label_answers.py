"""Ranked labels and columns for each label, compared with plain sorting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recurra.errors import OptionError
from recurra.inference.label_answers import (
    MOST_COLUMNS,
    LabelAnswers,
    check_answers_are_labels,
    ranked,
    ranking,
    with_gaps,
)
from recurra.options.labels import LabelOptions, TopOptions

CHANCES = st.tuples(st.integers(1, 6), st.integers(2, 7)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0]))
)


@given(CHANCES, st.integers(1, 9))
def test_labels_fall_in_probability_and_equal_ones_keep_their_order(chances: np.ndarray[Any, Any], top: int) -> None:
    expected = [sorted(range(len(row)), key=lambda place: -row[place])[:top] for row in chances.tolist()]
    assert ranking(chances, top).tolist() == expected
    np.testing.assert_array_equal(ranking(chances, 1)[:, 0], chances.argmax(axis=1))
    labels = [f"l{place}" for place in range(chances.shape[1])]
    for row, places in zip(chances, expected, strict=True):
        assert ranked(row, labels, top) == [{"label": labels[p], "probability": row[p]} for p in places]


@given(CHANCES, st.integers(1, 9), st.booleans())
def test_columns_hold_the_answers(chances: np.ndarray[Any, Any], top: int, each: bool) -> None:
    labels = [f"l{place}" for place in range(chances.shape[1])]
    answers = LabelAnswers("answer", labels, LabelOptions(top=top, probabilities=each))
    gaps = np.arange(len(chances)) % 3 == 1
    columns = [*answers.leading, *answers.further]
    kept = answers.columns(chances, gaps)
    assert [column.name for column in columns] == list(kept)
    values = {c.title or c.name: [c.value(v) for v in kept[c.name]] for c in columns}
    for number, row in enumerate(chances):
        expected: dict[str, Any] = {}
        for rank, one in enumerate(ranked(row, labels, top), 1):
            end = "" if rank == 1 else f"_{rank}"
            expected |= {f"answer{end}": one["label"], f"probability{end}": one["probability"]}
        expected |= {f"p({label})": chance for label, chance in zip(labels, row, strict=True)} if each else {}
        found = {name: column[number] for name, column in values.items()}
        assert found == (dict.fromkeys(expected) if gaps[number] else expected)


def test_labels_that_read_alike_are_told_apart_by_name() -> None:
    answers = LabelAnswers("label", ["2", 2, "A", "a", "p(a)"], LabelOptions(top=9, probabilities=True))
    names = [column.name.casefold() for column in (*answers.leading, *answers.further)]
    assert len(set(names)) == len(names) == 15


def test_what_makes_a_run_another() -> None:
    def identity(**options: Any) -> dict[str, Any]:
        return LabelAnswers("label", ["a", "b", "c"], LabelOptions(**options)).identity()

    assert identity() == identity(top=1) == {}
    assert identity(top=2) == {"top": 2}
    assert identity(top=3, probabilities=True) == identity(top=8, probabilities=True)


def test_more_columns_than_a_file_gets_are_refused() -> None:
    labels = [f"l{place}" for place in range(MOST_COLUMNS - 1)]
    LabelAnswers("label", labels[1:], LabelOptions(probabilities=True))
    LabelAnswers("label", labels, LabelOptions(top=MOST_COLUMNS // 2))
    with pytest.raises(OptionError, match=r"^--probabilities would write 2,051 columns; .* --top 10"):
        LabelAnswers("label", labels, LabelOptions(probabilities=True))
    with pytest.raises(OptionError, match=r"^--top would write 2,052 columns"):
        LabelAnswers("label", labels, LabelOptions(top=MOST_COLUMNS // 2 + 1))


def test_fewer_rows_are_kept_at_a_time_where_columns_are_many() -> None:
    labels = [f"l{place}" for place in range(2_000)]
    assert LabelAnswers("label", labels, LabelOptions()).part_rows(512, 16_384) == 16_384
    assert LabelAnswers("label", labels, LabelOptions(probabilities=True)).part_rows(512, 16_384) == 2_048


def test_a_model_of_numbers_is_asked_for_no_labels() -> None:
    check_answers_are_labels(TopOptions())
    check_answers_are_labels(LabelOptions())
    with pytest.raises(OptionError, match="--top: this model answers with a number"):
        check_answers_are_labels(TopOptions(top=3))
    with pytest.raises(OptionError, match="--probabilities: "):
        check_answers_are_labels(LabelOptions(probabilities=True))


def test_gaps() -> None:
    values = np.array([1.5, 2.5, 3.5])
    assert with_gaps(values, None) is values
    assert with_gaps(values, np.zeros(3, dtype=bool)) is values
    assert with_gaps(values, np.array([False, True, False])).tolist() == [1.5, None, 3.5]
