"""The options of the task `generate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from recurra.kernel.layout import RECURRENT_GATES
from recurra.options.base import flag
from recurra.options.holdout import HoldoutOptions
from recurra.options.network import (
    TOKEN_UNIT,
    Embedding,
    Hidden,
    MinCount,
    Ngrams,
    RecurrentOptions,
    TokenLevel,
    Vocabulary,
)
from recurra.options.reading import EncodingOptions
from recurra.options.sampling import SamplingOptions, Temperature
from recurra.options.training import TASK, Batch, Clip, LearningRate, Patience, TaskOptions, Valid


class GenerateOptions(EncodingOptions, HoldoutOptions, RecurrentOptions, TaskOptions):
    """What `recurra train --task generate` takes."""

    task: Annotated[Literal["generate"], TASK] = "generate"
    hidden: Hidden = 512
    embedding: Embedding = 128
    batch: Batch = 64
    learning_rate: LearningRate = 4e-3
    clip: Clip = 1.0
    valid: Valid = 0.05
    patience: Patience = None
    vocabulary: Vocabulary = 30_000
    min_count: MinCount = 2
    level: Annotated[TokenLevel, TOKEN_UNIT] = "char"
    unroll: Annotated[
        int,
        Field(ge=1, le=100_000, description="Symbols of a training step that gradients flow through (truncated BPTT)."),
    ] = 64
    weight_dropout: Annotated[
        float | None,
        Field(
            ge=0,
            lt=1,
            description="Share of the recurrent weights that a training step drops, DropConnect (default: 0.3 for "
            "characters in 10 epochs or more, else 0; mingru and minlstm have none).",
        ),
    ] = None
    ngrams: Ngrams = None
    tied: Annotated[
        bool | None,
        Field(description="Weight tying: one embedding for input and output (default: for words and subwords)."),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _by_level(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        level = str(values.get("level", "char"))
        if idle := [flag(name) for name in IDLE.get(level, ()) if values.get(name) is not None]:
            raise ValueError(f"{' and '.join(idle)} {'do' if len(idle) > 1 else 'does'} nothing with --level {level}")
        return {**LEVEL_DEFAULTS.get(str(values.get("level", "char")), {}), **values}

    @model_validator(mode="after")
    def _room_for_symbols(self) -> GenerateOptions:
        if self.vocabulary < 2:
            raise ValueError("--vocabulary must be at least 2: the unknown symbol and one more")
        return self

    @model_validator(mode="after")
    def _weights_to_drop(self) -> GenerateOptions:
        if self.weight_dropout and not RECURRENT_GATES[self.cell]:
            raise ValueError(f"--weight-dropout does nothing with --cell {self.cell}, which has no recurrent weights")
        return self


IDLE = {"char": ("vocabulary", "min_count"), "bpe": ("min_count",)}
"""Options that do nothing for a token unit: every character is known, and subwords spell every word."""

LEVEL_DEFAULTS: dict[str, dict[str, Any]] = {
    "char": {"embedding": 64, "dropout": 0.3},
    "word": {"embedding": 256, "dropout": 0.5},
    "bpe": {"embedding": 256, "dropout": 0.4, "vocabulary": 4_000},
}
"""Defaults that depend on the token unit."""


class WriteOptions(SamplingOptions):
    """What `recurra generate` takes besides the model."""

    prompt: Annotated[str, Field(description="Text to continue; without one, the text begins as a line does.")] = ""
    tokens: Annotated[int, Field(ge=0, description="Symbols to generate: characters, words or subwords.")] = 400
    temperature: Temperature = 0.8
