"""The columns with the labels in a file of answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import recurra
from recurra.errors import OptionError
from recurra.options.labels import LabelOptions
from recurra.tasks.multilabel.label_columns import LabelSetAnswers
from recurra.tasks.multilabel.model import MultilabelClassifier
from support.live_server import write_model


@pytest.fixture
def model(tmp_path: Path) -> MultilabelClassifier:
    directory = write_model(tmp_path / "m", task="multilabel", labels=("a", "b", "c;d"))
    return recurra.load(directory, task="multilabel").with_thresholds([0.5, 0.4, 0.3])


CHANCES = np.array([[0.6, 0.41, 0.9], [0.1, 0.1, 0.1], [0.5, 0.4, 0.2]])


def test_labels_are_lists_of_places_the_most_probable_first(model: MultilabelClassifier) -> None:
    answers = LabelSetAnswers(model, LabelOptions())
    columns = answers.columns(CHANCES)
    assert list(columns) == ["labels"]
    (column,) = answers.leading
    assert [column.value(kept) for kept in columns["labels"]] == [["c;d", "a", "b"], [], ["a", "b"]]
    assert [column.as_text(column.value(kept)) for kept in columns["labels"]] == ['["c;d", "a", "b"]', "", "a; b"]
    gaps = answers.columns(CHANCES, np.array([False, False, True]))
    assert column.as_text(column.value(gaps["labels"][2])) == ""
    assert gaps["labels"][2] is None


def test_ranked_labels_and_a_number_for_each(model: MultilabelClassifier) -> None:
    answers = LabelSetAnswers(model, LabelOptions(top=2, probabilities=True))
    columns = answers.columns(CHANCES)
    names = [column.name for column in answers.further]
    assert names[:4] == ["most_probable", "probability", "most_probable_2", "probability_2"]
    assert [column.title for column in answers.further[4:]] == ["p(a)", "p(b)", "p(c;d)"]
    assert set(columns) == {"labels", *names}
    assert columns["most_probable"].tolist() == [2, 0, 0] and columns["probability_2"].tolist() == [0.6, 0.1, 0.4]
    np.testing.assert_array_equal(np.stack([columns[name] for name in names[4:]], axis=1), CHANCES)


def test_a_run_goes_on_with_the_same_thresholds_alone(model: MultilabelClassifier) -> None:
    one = LabelSetAnswers(model, LabelOptions()).identity()
    other = LabelSetAnswers(model.with_thresholds(0.2), LabelOptions()).identity()
    assert one != other and one == {"thresholds": [0.5, 0.4, 0.3]}


def test_more_columns_than_a_file_gets(tmp_path: Path) -> None:
    many = write_model(tmp_path / "m", task="multilabel", labels=tuple(f"l{n}" for n in range(2_100)))
    with pytest.raises(OptionError, match="a file gets"):
        LabelSetAnswers(recurra.load(many, task="multilabel"), LabelOptions(probabilities=True))
