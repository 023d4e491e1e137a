"""The options of every task that reads one sequence and writes another: `translate` and `chat`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from recurra.options.decoding import DecodingOptions
from recurra.options.holdout import HoldoutOptions, RowLimitOptions
from recurra.options.network import MaxTokens, RecurrentOptions, Vocabulary
from recurra.options.reading import EncodingOptions
from recurra.options.training import TaskOptions

LabelSmoothing = Annotated[
    float,
    Field(
        ge=0, lt=1, description="Label smoothing: share of the probability that training gives to the other subwords."
    ),
]
FEWEST_SUBWORDS = 258
"""256 bytes and the marks of beginning and end."""


class Seq2SeqOptions(EncodingOptions, HoldoutOptions, RowLimitOptions, RecurrentOptions, DecodingOptions, TaskOptions):
    """What training takes."""

    vocabulary: Vocabulary = 6_000
    max_tokens: MaxTokens = 100
    label_smoothing: LabelSmoothing = 0.1

    @model_validator(mode="after")
    def _room_for_bytes(self) -> Self:
        if self.vocabulary < FEWEST_SUBWORDS:
            raise ValueError(f"--vocabulary must be at least {FEWEST_SUBWORDS}: each byte and two marks")
        return self
