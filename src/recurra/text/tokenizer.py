"""What a classifier needs of a tokenizer, whatever a token is: a word, a piece of one, or a character.

Three implement it: `WordTokenizer`, `PieceTokenizer` and `CharacterTokenizer`. Each is fitted on training rows alone
and saved as plain JSON, whose "pattern" names the rule by which it divides text. Offsets always refer to the text as
given.

Id 0 is the filler (`FILL`), id 1 is every token that training did not see often enough (`UNKNOWN`), and ids from 2 on
are the vocabulary, by falling frequency.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recurra.data.feature_encoder import FeatureEncoder
from recurra.errors import ArtefactError
from recurra.options.network import TokenLevel, Truncate
from recurra.text.text_columns import MARK

FILL = 0
UNKNOWN = 1
FIRST_WORD = 2


@dataclass(frozen=True)
class Encoding:
    """One text as the network sees it.

    ids: [T] int32, T >= 1; tokens: how many the text has before truncation; unknown: how many that are read are not in
    the vocabulary; silent: how many of them say nothing by themselves, such as a space. novel: where the vocabulary is
    open (`Tokenizer.subwords`), the character n-grams of each unknown word, an array [G] int32 each: the id V + i, V
    the size of the vocabulary, stands for the word of `novel[i]`. Where it is not, an unknown token's id is UNKNOWN.
    features: [F] float32, what stands beside the text; None where the model reads nothing else.
    """

    ids: NDArray[np.int32]
    tokens: int
    unknown: int
    silent: int = 0
    novel: tuple[NDArray[np.int32], ...] = ()
    features: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def truncated(self) -> bool:
        return self.tokens > len(self.ids)

    @property
    def nothing_known(self) -> bool:
        """Whether no token that is read is in the vocabulary, or there is none: the answer says nothing of the text."""
        return self.unknown + self.silent >= self.read

    @property
    def read(self) -> int:
        """How many of the text's tokens the network reads."""
        return min(self.tokens, len(self.ids))


class Tokenizer(ABC):
    """Turn texts into ids.

    max_tokens: a longer text is cut to this length (None: never cut).
    truncate: the part of a longer text that is kept: its "head", its "tail", or half from "both" ends.
    fill: fill every text in front with FILL up to `max_tokens`, as the tutorial's recipe does. The filler is then a
    part of the sequence that the network reads, equal in every batch.
    punctuation: whether punctuation signs are tokens.
    subwords: the buckets of the character n-grams of unknown words; 0: unknown words are one. See `text/subwords.py`.
    columns: the names of the columns whose texts it reads, joined (`text/text_columns.py`); none where a text is one
    text without a name. Of several, the mark between them has the id FIRST_WORD, and says nothing by itself.
    features: what makes a vector of the columns beside the texts; None where there are none.
    """

    subwords: int = 0
    features: FeatureEncoder | None = None
    level: ClassVar[TokenLevel]
    pattern: ClassVar[str]
    """Name of the dividing rule; saved, so that a changed rule is never applied to an old model."""

    def __init__(
        self,
        *,
        max_tokens: int | None,
        truncate: Truncate = "tail",
        fill: bool = False,
        punctuation: bool = True,
        columns: Sequence[str] = (),
    ) -> None:
        self.silent: NDArray[np.bool_] | None = None
        """Which ids say nothing by themselves [size]; None for none."""
        self.max_tokens = max_tokens
        self.truncate = truncate
        self.fill = fill
        self.punctuation = punctuation
        self.columns = tuple(columns)

    @property
    def marked(self) -> bool:
        """Whether the texts of several columns are read, with a mark between them."""
        return len(self.columns) > 1

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of ids: the vocabulary, UNKNOWN and FILL."""

    @abstractmethod
    def ids(self, text: str, *, begun: bool = False) -> NDArray[np.int32]:
        """Return the ids of every token of `text` [T]; T is 0 for a text without tokens.

        begun: `text` follows tokens of the same text, and all of it before `text` was stable (see `stable_length`).
        """

    def ids_and_unknown(self, text: str, *, begun: bool = False) -> tuple[NDArray[np.int32], list[str]]:
        """Return what `ids` does, and what `opened` needs to know of the unknown words among them, in their order."""
        return self.ids(text, begun=begun), []

    def opened(
        self, ids: NDArray[np.int32], unknown: Sequence[str]
    ) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        """Return ids [T] with one of its own, from V on, for each unknown word, and their character n-grams.

        ids, unknown: what `ids_and_unknown` returned. Where the vocabulary is not open, the ids stay as they are.
        """
        return ids, []

    @abstractmethod
    def ids_with_offsets(self, text: str) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        """Return what `ids` does, and (start, end) in `text` of every token.

        Tokens that are parts of one character have its offsets.
        """

    @abstractmethod
    def spans(self, text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        """Return which tokens people read as one [T]: equal, rising numbers; -1 for one that nobody sees, a space."""

    @abstractmethod
    def stable_length(self, text: str) -> int:
        """Return an n for which no text that follows changes how the first n characters are divided.

        `ids(text[:n]) + ids(text[n:] + more, begun=...) == ids(text + more)` for every `more`.
        """

    @abstractmethod
    def shorten_tail(self, tail: str) -> str:
        """Return a text of bounded length that can replace an unstable `tail`, whatever follows it."""

    @abstractmethod
    def vocabulary(self) -> Mapping[str, Any]:
        """Return, as plain JSON values, what `fitted` makes the same tokenizer of."""

    @classmethod
    @abstractmethod
    def fitted(
        cls,
        plain: Mapping[str, Any],
        *,
        max_tokens: int | None,
        truncate: Truncate,
        fill: bool,
        punctuation: bool,
        columns: Sequence[str] = (),
    ) -> Self:
        """Return the tokenizer of a `vocabulary()`.

        Raises ValueError, KeyError, TypeError or ArtefactError for anything else.
        """

    def encode(self, text: str) -> Encoding:
        """Return the ids of `text`, cut and filled. A text without tokens becomes a single UNKNOWN."""
        return self.fit_length(self.ids(text))

    def encode_with_offsets(self, text: str) -> tuple[Encoding, list[tuple[int, int]]]:
        """Return what `encode` does, and (start, end) in `text` of every token before truncation."""
        ids, offsets = self.ids_with_offsets(text)
        return self.fit_length(ids), offsets

    def fit_length(self, ids: NDArray[np.int32]) -> Encoding:
        """Cut and fill a whole text's `ids` [T]."""
        tokens = len(ids)
        kept = ids[self.kept(tokens)] if tokens else np.array([UNKNOWN], dtype=np.int32)
        unknown = int(np.count_nonzero(kept == UNKNOWN)) if tokens else 0
        silent = 0 if self.silent is None else int(np.count_nonzero(self.silent[kept]))
        if self.fill and self.max_tokens and len(kept) < self.max_tokens:
            kept = np.concatenate([np.full(self.max_tokens - len(kept), FILL, dtype=np.int32), kept])
        return Encoding(kept, tokens, unknown, silent)

    def kept(self, tokens: int) -> slice | NDArray[np.intp]:
        """Return the index of the tokens that truncation keeps from a text of `tokens` tokens."""
        limit = self.max_tokens
        if limit is None or tokens <= limit:
            return slice(0, tokens)
        if self.truncate == "head":
            return slice(0, limit)
        if self.truncate == "tail":
            return slice(tokens - limit, tokens)
        front = limit // 2
        return np.concatenate([np.arange(front), np.arange(tokens - (limit - front), tokens)])

    def cut_to(self, max_tokens: int) -> Self:
        """Return the same tokenizer that cuts longer texts to `max_tokens`, by the same rule, and fills none."""
        other = copy(self)
        other.max_tokens, other.fill = max_tokens, False
        return other

    def to_json(self) -> str:
        """Return the tokenizer as JSON text, which `saved_tokenizer.tokenizer_from_json` reads."""
        return json.dumps(
            {
                "pattern": self.pattern,
                "max_tokens": self.max_tokens,
                "truncate": self.truncate,
                "fill": self.fill,
                "punctuation": self.punctuation,
                **({"columns": list(self.columns)} if self.columns else {}),
                **({} if self.features is None else {"features": self.features.plain()}),
                **self.vocabulary(),
            },
            ensure_ascii=True,
        )


def check_mark(tokens: Sequence[str]) -> None:
    """Raise ArtefactError where the first token of a vocabulary for several columns is not the mark between them."""
    if tokens[:1] != [MARK]:
        raise ArtefactError("tokenizer.json reads several columns and has no mark between them. Train the model again.")


def shown_numbers(text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Return the number of each token [T], where each is a word by itself; -1 for the mark between two columns."""
    return np.array([-1 if text[start:end] == MARK else i for i, (start, end) in enumerate(offsets)], dtype=np.int64)


def distinct_texts(values: object) -> list[str]:
    """Return the texts of a saved vocabulary. Raises ArtefactError where it is no list of texts, each once."""
    if not (
        isinstance(values, list) and all(isinstance(value, str) for value in values) and len(set(values)) == len(values)
    ):
        raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
    return values
