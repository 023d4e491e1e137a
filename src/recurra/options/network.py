"""The recurrent layers, and the vocabulary before them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from recurra.kernel.layout import Cell, Direction
from recurra.options.base import Options

Truncate = Literal["head", "tail", "both"]
"""Which part of a longer text is kept: its beginning, its end, or half of each."""

MAX_EMBEDDING = 8192
"""The widest vector of a word."""

TokenLevel = Literal["char", "word", "bpe"]
"""What a token is: a character, a word, or a subword by byte-pair encoding."""

TOKEN_UNIT = Field(description="Token unit: characters, words, or subwords by byte-pair encoding (bpe).")

Layers = Annotated[
    int, Field(ge=1, le=16, description="Stacked recurrent layers, each reading the outputs of the one before.")
]
Hidden = Annotated[int, Field(ge=1, le=8192, description="Hidden size: width of the state in each direction.")]
Embedding = Annotated[
    int, Field(ge=1, le=MAX_EMBEDDING, description="Embedding size: width of the vector of a word (or another token).")
]
MOST_NGRAMS = 8
"""The longest n-gram."""

Ngrams = Annotated[
    int | None,
    Field(
        ge=0,
        le=MOST_NGRAMS,
        description="Longest n-gram beside the network: of a classifier in words, 3 at most; of a generator in "
        "symbols, 8 at most; 0 for the network alone (default of a classifier: 2 for few rows, 3 for many; "
        "of a generator: by validation).",
    ),
]
ReadDirection = Annotated[
    Direction,
    Field(description="Read each sequence in both directions, or forward only, as a stream of sound needs."),
]
DROPOUT: Any = Field(
    ge=0,
    lt=1,
    description="Dropout: share of values set to zero in training (default of a model of series: 0.5 for up to 64 "
    "steps, 0.3 for longer ones).",
)
Dropout = Annotated[float, DROPOUT]
WORD_DROPOUT: Any = Field(
    ge=0,
    lt=1,
    description="Share of the words hidden from a training step (default of a classifier: 0.2 for few rows, and more "
    "of rare words; 0.35 for many; of a tagger 0.25, with a file of word vectors 0.1 and more of rare words).",
)
Vocabulary = Annotated[int, Field(ge=1, le=1_000_000, description="Vocabulary size: most words or subwords to know.")]
MIN_COUNT: Any = Field(
    ge=1,
    description="Times that a word must occur in the training rows to be in the vocabulary (default of a classifier: 1 "
    "for few rows, 2 for many).",
)
MinCount = Annotated[int, MIN_COUNT]
MAX_TOKENS = 100_000
"""The longest sequence."""

MaxTokens = Annotated[
    int, Field(ge=1, le=MAX_TOKENS, description="Maximum sequence length in tokens; a longer text is truncated.")
]


RecurrentCell = Annotated[
    Cell, Field(description="Recurrent cell; of mingru and minlstm, the gates read the input alone and not the state.")
]


class RecurrentOptions(Options):
    """The recurrent layers, whatever the task."""

    cell: RecurrentCell = "lstm"
    layers: Layers = 1
    hidden: Hidden = 64
    embedding: Embedding = 128
    dropout: Dropout = 0.5
