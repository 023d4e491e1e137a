"""What no comparison of classifiers heeds."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.tasks.classify.learn.compare import ClassifyComparison
from support.options import train_options


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"unlabelled": "more.txt"}, "--unlabelled does not go with `recurra compare`"),
        ({"from_": "base"}, "--from does not go with `recurra compare`"),
        ({"split": 0.0}, "--split 0 leaves nothing to compare on"),
    ],
)
def test_options_with_which_nothing_can_be_compared(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ClassifyComparison.check(train_options(given))
    ClassifyComparison.check(train_options({"split": 0.2, "seed": 3}))
