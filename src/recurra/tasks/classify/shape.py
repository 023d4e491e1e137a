"""The shape of a network that answers a text with one of its classes: see `many_to_one/shape.py`."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from recurra.many_to_one.shape import ManyToOneShape


class ClassifierShape(ManyToOneShape):
    """A network whose answer is one of some classes, in an order or in none."""

    @model_validator(mode="after")
    def _answers_with_a_class(self) -> Self:
        if self.link not in ("softmax", "cumulative"):
            raise ValueError("one of some classes is answered by the link softmax, or cumulative in an order")
        return self
