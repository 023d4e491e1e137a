"""Weights of classes as people write them, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import OptionError
from recurra.options.weighting import class_weights, weights_of_rows


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    targets = np.array([0] * 50 + [1] * 3 + [2] * 11)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=targets)
    found = class_weights("balanced", ["a", "b", "c"], np.bincount(targets).tolist())
    assert list(found.values()) == pytest.approx(expected.tolist())


def test_weights_are_written_out_and_others_are_one() -> None:
    labels = ["ham", "spam", "a=b", "1,5"]
    counts = [1, 1, 1, 1]
    assert class_weights("spam=5", labels, counts) == {"ham": 1.0, "spam": 5.0, "a=b": 1.0, "1,5": 1.0}
    assert class_weights(" spam = 5 , a=b=0.5", labels, counts)["a=b"] == 0.5
    assert class_weights('{"1,5": 3, "ham": 2.5}', labels, counts) == {
        "ham": 2.5, "spam": 1.0, "a=b": 1.0, "1,5": 3.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("spam", "it is balanced, LABEL=WEIGHT"),
        ("=3", "it is balanced"),
        ("spam=x", "it is balanced"),
        ("{", "it is balanced"),
        ('{"spam": "5"}', "it is balanced"),
        ('{"spam": true}', "it is balanced"),
        ("spam=0", "above 0"),
        ("spam=-1", "above 0"),
        ("spam=nan", "above 0"),
        ("spma=2", "no training row has the label 'spma'.*'spam'"),
    ],
)
def test_what_is_no_weight_is_refused(given: str, what: str) -> None:
    with pytest.raises(OptionError, match=what):
        class_weights(given, ["ham", "spam"], [1, 1])


def test_weights_of_rows_and_of_their_classes_multiply() -> None:
    targets = np.array([0, 1, 1, -1])
    assert weights_of_rows(targets, None, None) is None
    by_label = {"a": 2.0, "b": 10.0}
    assert weights_of_rows(targets, None, by_label).tolist() == [2, 10, 10, 1]  # type: ignore[union-attr]
    column = np.array([1.0, 0.5, 3.0, 4.0])
    assert weights_of_rows(targets, column, by_label).tolist() == [2, 5, 30, 4]  # type: ignore[union-attr]
    assert weights_of_rows(targets, column, None).tolist() == column.tolist()  # type: ignore[union-attr]
