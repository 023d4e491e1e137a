"""The options of the task `tag`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurra.options.base import Options
from recurra.options.holdout import HoldoutOptions
from recurra.options.network import (
    WORD_DROPOUT,
    Dropout,
    Hidden,
    MinCount,
    RecurrentOptions,
    Vocabulary,
)
from recurra.options.reading import TableOptions
from recurra.options.training import TASK, LearningRate, Patience, TaskOptions, Valid
from recurra.options.word_vectors import RANDOM, KeepWords, WordVectorOptions, WordVectors
from recurra.tasks.tag.schemes import Scheme
from recurra.tasks.tag.shape import Characters


class TaggedFileOptions(TableOptions):
    """Where the sentences, the words and the tags of a file are."""

    sentence_column: Annotated[
        str | None,
        Field(
            description="Column that tells the sentences of a table with a word a row apart, in each of their rows or "
            "the first. Guessed where it is obvious."
        ),
    ] = None
    word_column: Annotated[
        str | None,
        Field(description="Column of the words: a name or a number (default: FORM, the first, tokens, or obvious)."),
    ] = None
    tag_column: Annotated[
        str | None,
        Field(
            description="Column of the tags: upos, xpos, a name, or a number (default: upos, the last, tags, or "
            "obvious)."
        ),
    ] = None
    tag_names: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Names of tags that are numbers, from 0 on: O,B-PER,I-PER, or a file with one a line (default: "
            "those in the schema of a Parquet file).",
        ),
    ] = None


class TagTextOptions(Options):
    """How tags are written."""

    scheme: Annotated[
        Scheme | None,
        Field(description="Scheme in which tags of spans are written (default: that of the training data)."),
    ] = None


class TagPredictOptions(TaggedFileOptions, TagTextOptions):
    """What `recurra predict` takes with a tagger."""


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
