"""Options that contradict each other, and defaults of this task alone."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.tasks.multilabel.options import MultilabelOptions


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"label": "a", "labels": "b,c"}, "--label names one column with all labels"),
        ({"labels": "b,c", "separator": ";"}, "--separator parts the labels of one cell"),
        ({"split_column": "part", "test": "t.csv"}, "both name the held-out rows"),
        ({"threshold": 0.0}, "more than 0"),
        ({"threshold": 1.0}, "less than 1"),
        ({"separator": ""}, "at least one character"),
        ({"task": "classify"}, "multilabel"),
    ],
)
def test_what_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        validated(MultilabelOptions, given)


def test_more_rows_validate_than_of_classes_since_they_choose_thresholds() -> None:
    assert MultilabelOptions().valid == 0.1 and MultilabelOptions().threshold is None
    assert MultilabelOptions(split=0.0).split == 0.0
