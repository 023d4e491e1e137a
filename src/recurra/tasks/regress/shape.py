"""The shape of a network that answers a text with a number: see `many_to_one/shape.py`."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from recurra.many_to_one.shape import ManyToOneShape


class NumberShape(ManyToOneShape):
    """A network whose answer is a number."""

    @model_validator(mode="after")
    def _answers_with_a_number(self) -> Self:
        if self.link != "identity":
            raise ValueError("a number is answered as it is, by the link identity")
        return self
