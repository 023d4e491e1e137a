"""The options of the task `tag`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurra.options.holdout import HoldoutOptions
from recurra.options.network import (
    WORD_DROPOUT,
    Dropout,
    Hidden,
    MinCount,
    RecurrentOptions,
    Vocabulary,
)
from recurra.options.reading import EncodingOptions
from recurra.options.training import TASK, LearningRate, Patience, TaskOptions, Valid
from recurra.options.word_vectors import RANDOM, KeepWords, WordVectorOptions, WordVectors
from recurra.tasks.tag.shape import Characters


class TaggedFileOptions(EncodingOptions):
    """Where the words and the tags of a file are."""

    word_column: Annotated[
        str | None,
        Field(description="Column of the words: a name or a number (default: FORM, the first, or tokens)."),
    ] = None
    tag_column: Annotated[
        str | None,
        Field(description="Column of the tags: upos, xpos, a name, or a number (default: upos, the last, or tags)."),
    ] = None


class TagOptions(TaggedFileOptions, HoldoutOptions, WordVectorOptions, RecurrentOptions, TaskOptions):
    """What `recurra train --task tag` takes."""

    task: Annotated[Literal["tag"], TASK] = "tag"
    hidden: Hidden = 128
    dropout: Dropout = 0.4
    learning_rate: LearningRate = 4e-3
    patience: Patience = None
    valid: Valid = 0.05
    vocabulary: Vocabulary = 30_000
    min_count: MinCount = 2
    word_dropout: Annotated[float | None, WORD_DROPOUT] = None
    word_vectors: WordVectors = RANDOM
    keep_words: KeepWords = 50_000
    crf: Annotated[
        bool | None,
        Field(description="Conditional random field over the tags (default: where they mark spans, B- and I-)."),
    ] = None
    characters: Annotated[Characters, Field(description="Character encoder: how the spelling of a word is read.")] = (
        "convolution"
    )
    affix_embedding: Annotated[
        int, Field(ge=0, le=8192, description="Width of the vectors of prefixes and suffixes; 0 for none.")
    ] = 128
