"""The shape of a network of numbers."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from recurra.tasks.regress.shape import NumberShape
from support.regressors import shape


def test_it_answers_with_a_number_alone() -> None:
    plain = shape().model_dump()
    assert NumberShape.model_validate(plain).link == "identity"
    with pytest.raises(ValidationError, match="identity"):
        NumberShape.model_validate(plain | {"link": "softmax"})
