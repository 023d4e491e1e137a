"""The shape of a network of classes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from recurra.tasks.classify.shape import ClassifierShape
from support.ngram_models import shape


def test_it_answers_with_one_class_in_an_order_or_in_none() -> None:
    plain = shape().model_dump()
    assert ClassifierShape.model_validate(plain).link == "softmax"
    assert ClassifierShape.model_validate(plain | {"link": "cumulative", "levels": 4}).labels == 4
    for link in ("sigmoid", "identity"):
        with pytest.raises(ValidationError, match="softmax"):
            ClassifierShape.model_validate(plain | {"link": link})
