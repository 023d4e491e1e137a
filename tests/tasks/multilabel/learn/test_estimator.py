"""`SequenceMultilabelClassifier` has scikit-learn's manners, and what it saves answers as it does."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_score

import recurra
from recurra import SequenceMultilabelClassifier
from recurra.errors import LabelError, OptionError
from recurra.tasks.multilabel.options import MultilabelModelOptions
from support.labelled import LABELS, labelled_rows

TINY: dict[str, Any] = {"hidden": 8, "embedding": 8, "epochs": 5, "learning_rate": 0.02, "threads": 1, "batch": 16}
ROWS = labelled_rows(260, seed=2)
TEXTS = [text for text, _ in ROWS]
LISTS = [labels for _, labels in ROWS]
MATRIX = np.array([[label in labels for label in LABELS] for labels in LISTS]).astype(int)


@pytest.fixture(scope="module")
def fitted() -> SequenceMultilabelClassifier:
    return SequenceMultilabelClassifier(**TINY).fit(TEXTS, LISTS)


def test_it_learns_lists_of_labels(fitted: SequenceMultilabelClassifier) -> None:
    new = labelled_rows(80, seed=9)
    texts, truth = [text for text, _ in new], [labels for _, labels in new]
    indicator = np.array([[label in labels for label in LABELS] for labels in truth])
    assert fitted.classes_.tolist() == LABELS and fitted.thresholds_.shape == (4,)
    found = fitted.predict(texts)
    assert found.dtype == np.int64 and np.array_equal(found, fitted.predict_proba(texts) >= fitted.thresholds_)
    score = fitted.score(texts, truth)
    assert score == pytest.approx(accuracy_score(indicator, found)) and score > 0.6
    assert [set(labels) for labels in fitted.predict_labels(texts)] == [
        {LABELS[k] for k in np.flatnonzero(row)} for row in found
    ]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, lambda m: pandas.DataFrame(m, columns=LABELS)])
def test_matrices_are_as_good_as_lists(fitted: SequenceMultilabelClassifier, kind: Any) -> None:
    other = SequenceMultilabelClassifier(**TINY).fit(TEXTS, kind(MATRIX))
    names = LABELS if hasattr(kind(MATRIX), "columns") else [0, 1, 2, 3]
    assert other.classes_.tolist() == names
    np.testing.assert_allclose(other.predict_proba(TEXTS[:20]), fitted.predict_proba(TEXTS[:20]), atol=1e-6)


def test_what_is_saved_answers_alike(fitted: SequenceMultilabelClassifier, tmp_path: Path) -> None:
    model = recurra.load(fitted.save(tmp_path / "m") and tmp_path / "m", task="multilabel")
    assert model.thresholds.tolist() == fitted.thresholds_.tolist()
    assert model.predict(TEXTS[:30]) == fitted.predict_labels(TEXTS[:30])
    np.testing.assert_allclose(model.predict_proba(TEXTS[:30]), fitted.predict_proba(TEXTS[:30]), atol=1e-6)
    other = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    assert other.predict_labels(TEXTS[:5]) == fitted.predict_labels(TEXTS[:5])


def test_a_given_threshold_is_that_of_all(fitted: SequenceMultilabelClassifier) -> None:
    other = SequenceMultilabelClassifier(**TINY, threshold=0.9).fit(TEXTS, LISTS)
    assert other.thresholds_.tolist() == [0.9] * 4


def test_scikit_learns_manners(fitted: SequenceMultilabelClassifier) -> None:
    assert clone(fitted).get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        clone(fitted).predict(TEXTS[:1])
    parameters = set(inspect.signature(SequenceMultilabelClassifier).parameters)
    assert parameters == set(MultilabelModelOptions.model_fields)
    tags = fitted.__sklearn_tags__()
    assert tags.classifier_tags.multi_label and tags.input_tags.string
    scores = cross_val_score(SequenceMultilabelClassifier(**{**TINY, "epochs": 1}), TEXTS, MATRIX, cv=2)
    assert scores.shape == (2,) and np.isfinite(scores).all()


BAD: list[tuple[Any, type[Exception], str]] = [
    (None, OptionError, "Y is None"),
    (["a"] * 260, OptionError, "Item 0 of Y is str, where a list of labels is expected"),
    ("text", OptionError, "list of lists of labels"),
    (LISTS[:5], OptionError, "X has 260 texts and Y 5 rows"),
    (MATRIX * 2, LabelError, "an indicator is 0 or 1"),
    (np.zeros((260, 0)), OptionError, "a column for each label"),
    (np.ones((260, 2)), LabelError, "every text has all of them"),
    ([[]] * 260, LabelError, "every text has none of them"),
    ([["a"], [1]] * 130, LabelError, "several types"),
    ([[2.5]] * 260, LabelError, r"Item 0 of Y holds 2\.5"),
]


@pytest.mark.parametrize(("Y", "kind", "words"), BAD)
def test_what_is_refused(Y: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        SequenceMultilabelClassifier(**TINY).fit(TEXTS, Y)


def test_odd_labels_are_warned_of_and_unknown_ones_refused(fitted: SequenceMultilabelClassifier) -> None:
    odd = [["Food" if n % 2 else label for label in labels] for n, labels in enumerate(LISTS)]
    with pytest.warns(UserWarning, match="differ only in case"):
        SequenceMultilabelClassifier(**{**TINY, "epochs": 1}).fit(TEXTS, odd)
    with pytest.raises(LabelError, match="'wine', which the model does not know"):
        fitted.score(TEXTS[:1], [["wine"]])
    with pytest.raises(OptionError, match="Item 1 of X is int"):
        SequenceMultilabelClassifier(**TINY).fit(["a", 3], [["x"], []])  # type: ignore[list-item]
