"""The options of `recurra pretrain`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from recurra.kernel.layout import Direction
from recurra.many_to_one.options import BYTES, TextOptions
from recurra.options.base import validated
from recurra.options.network import Dropout, Hidden, RecurrentOptions, TokenLevel
from recurra.options.training import TaskOptions
from recurra.tasks.configuration import read_config

LEAST_COUNT = {"word": 5, "bpe": 10, "char": 1}
"""How often a word (a pair of subwords, a character) must occur in the texts, by token unit."""
VOCABULARY = {"word": 30_000, "bpe": 8_000, "char": 8_000}


class PretrainOptions(TextOptions, RecurrentOptions, TaskOptions):
    """What `recurra pretrain` takes."""

    task: Literal["base"] = "base"
    rows: Annotated[int | None, Field(ge=10, description="Use only this many texts, drawn at random.")] = None
    direction: Annotated[Direction, Field(description="Read each text in both directions, or forward only.")] = "both"
    hidden: Hidden = 96
    dropout: Dropout = 0.0
    level: Annotated[
        TokenLevel | None,
        Field(
            description="Token unit: characters, words, or subwords by byte-pair encoding (default: word; bpe for "
            "texts without spaces between words)."
        ),
    ] = None
    vocabulary: Annotated[
        int | None,
        Field(
            ge=1,
            le=1_000_000,
            description="Vocabulary size: most words or subwords to know (default: 30,000 words, 8,000 subwords).",
        ),
    ] = None
    min_count: Annotated[
        int | None,
        Field(
            ge=1,
            description="Times that a word must occur in the texts to be in the vocabulary (default: 5; of subwords, "
            "how often a pair of them must occur to become one: 10).",
        ),
    ] = None
    punctuation: Annotated[bool, Field(description="Whether punctuation signs are tokens, as words are.")] = True
    window: Annotated[
        int,
        Field(
            ge=2,
            le=10_000,
            description="Tokens of a piece, about: texts are cut into equal pieces, and each foretells the words of "
            "those beside it.",
        ),
    ] = 50
    epochs: Annotated[
        int | None,
        Field(ge=1, le=10_000, description="Passes over the texts (default: one for many texts, up to ten for few)."),
    ] = None
    batch: Annotated[int, Field(ge=1, le=65_536, description="Batch size: pieces in one training step.")] = 128
    learning_rate: Annotated[float, Field(gt=0, le=10, description="Learning rate: the highest of the schedule.")] = (
        3e-3
    )
    patience: Annotated[
        int | None,
        Field(
            ge=1,
            description="Early stopping: epochs without a better loss of the held-out texts after which training "
            "stops.",
        ),
    ] = None
    keep: Annotated[
        Literal["best", "last"],
        Field(description="Checkpoint to keep: the weights of the best epoch by the held-out texts, or of the last."),
    ] = "last"
    seed: Annotated[
        int,
        Field(
            ge=0, lt=2**32, description="Random seed of the texts held out, the weights and the order of the pieces."
        ),
    ] = 0
    valid: Annotated[
        float, Field(gt=0, lt=1, description="Share of the texts (500 at most) held out to measure the base by.")
    ] = 0.02

    @model_validator(mode="after")
    def _fits_the_level(self) -> Self:
        if self.level == "bpe" and self.vocabulary is not None and self.vocabulary < BYTES:
            raise ValueError(f"--vocabulary must be at least {BYTES} with --level bpe: one for each byte")
        return self

    def size_at(self, level: TokenLevel) -> int:
        """Return the most words or subwords to know."""
        return self.vocabulary or VOCABULARY[level]

    def least_at(self, level: TokenLevel) -> int:
        """Return how often a word (a pair of subwords, a character) must occur to be known."""
        return self.min_count or LEAST_COUNT[level]


def pretrain_options(flags: Mapping[str, Any], config_file: Path | None = None) -> PretrainOptions:
    """Return the options of a pretraining: `flags` win over the config file, that over the defaults.

    Raises OptionError as `task_options` does.
    """
    known = set(PretrainOptions.model_fields) - {"task"}
    configured = read_config(config_file, known) if config_file else {}
    names = {name: f"The config file {config_file}: {name}" for name in configured if name not in flags}
    return validated(PretrainOptions, {**configured, **flags}, names)
