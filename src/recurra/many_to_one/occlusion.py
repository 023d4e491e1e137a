"""A text with each of its words and sentences hidden in turn: what explanations by occlusion are made of.

A word is hidden by putting the unknown word in its place, so that every other word stays where it is; of a model that
reads pieces of words or characters, all those of the word are. All that is hidden is answered in one batched run. What
the n-grams beside a network add needs no hiding: it is a sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.many_to_one.given import Given, item_of
from recurra.many_to_one.ngrams import NgramModel
from recurra.text.sentences import sentences
from recurra.text.text_columns import MARK, parts
from recurra.text.tokenizer import UNKNOWN, Encoding, Tokenizer
from recurra.text.words import LINE_BREAK

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

STROKE = "|"
"""What stands for the mark between two columns in an explanation."""

OF_COLUMNS = ("columns", "features")
"""The fields of an explanation that those of one column of texts do not have."""

BUDGET = 250_000
"""Tokens that the words of one text may cost; beyond it, neighbouring words are hidden together."""

MOST_NGRAMS = 200
"""N-grams that an explanation lists."""

NOTHING = 1e-6
"""A word that the model does not read contributes less: nothing, but for rounding."""

EDGES = re.compile(r"^\s+|\s+$")

FEWEST_SPANS = 32
"""The fewest spans of words by which a longer text is explained."""


@dataclass(frozen=True)
class Contribution:
    """A word, or a sentence, and by how much what is explained falls without it: the log-odds of a label, or a number.

    start, end: characters of the text as given, `text[start:end]`. Positive: it speaks for the label, or raises the
    number.
    """

    start: int
    end: int
    text: str
    contribution: float


class Explained(Protocol):
    """A text with the contributions of its words, and how much of it was read: see `explain.Explanation`."""

    @property
    def text(self) -> str: ...

    @property
    def words(self) -> tuple[Contribution, ...]: ...

    @property
    def columns(self) -> tuple[Contribution, ...]: ...

    @property
    def features(self) -> dict[str, float]: ...

    @property
    def span(self) -> int: ...

    @property
    def tokens(self) -> int: ...

    @property
    def truncated(self) -> bool: ...

    @property
    def nothing_known(self) -> bool: ...


@dataclass(frozen=True)
class Cell:
    """The text of one column, `text[start:end]` of a joined one. tokens: those of it that are read, perhaps none."""

    column: str
    start: int
    end: int
    tokens: slice


@dataclass(frozen=True)
class Occlusion:
    """A text, and what of it is hidden.

    variants: its encoding as it is, then with each of the words, the sentences and the columns hidden. words,
    sentences: slices of the tokens that are read; offsets: the characters of each of these tokens [T, 2]; filled: ids
    in front of them; span: how many neighbouring words are hidden together. columns: the cells of a text of several
    columns, which has a stroke where the mark between them is. features: the columns beside the text, of which the last
    variants have one each as in an average row.
    """

    text: str
    encoding: Encoding
    variants: list[Encoding]
    words: list[slice]
    sentences: list[slice]
    offsets: NDArray[np.int64]
    filled: int
    span: int
    columns: list[Cell] = field(default_factory=list)
    features: list[str] = field(default_factory=list)

    @property
    def truncated(self) -> bool:
        """Whether some tokens are not read."""
        return len(self.offsets) < self.encoding.tokens

    def contributions(self, falls: NDArray[np.float64]) -> tuple[tuple[Contribution, ...], tuple[Contribution, ...]]:
        """Return those of the words and of the sentences. falls: how much each hidden part takes away."""
        found, parts = [], self.words + self.sentences
        for part, fall in zip(parts, falls[: len(parts)].tolist(), strict=True):
            start, end = int(self.offsets[part.start, 0]), int(self.offsets[part.stop - 1, 1])
            found.append(Contribution(start, end, self.text[start:end], fall))
        return tuple(found[: len(self.words)]), tuple(found[len(self.words) :])

    def of_columns(self, falls: NDArray[np.float64]) -> tuple[Contribution, ...]:
        """Return those of whole columns, by their names; none of a text of one column. falls: as above."""
        first = len(self.words) + len(self.sentences)
        of_cells = falls[first : first + len(self.columns)].tolist()
        return tuple(
            Contribution(cell.start, cell.end, cell.column, fall)
            for cell, fall in zip(self.columns, of_cells, strict=True)
        )

    def of_features(self, falls: NDArray[np.float64]) -> dict[str, float]:
        """Return what each column beside the text contributes, against an average row. falls: as above."""
        first = len(falls) - len(self.features)
        return dict(zip(self.features, falls[first:].tolist(), strict=True))

    def ngrams(
        self, model: NgramModel | None, towards: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> list[Contribution] | None:
        """Return what each distinct n-gram adds; None where there is no model of them.

        towards: from the weights of n-grams [N, outputs] to what they add to what is explained [N].
        """
        if model is None:
            return None
        found = []
        for share in model.shares(self.encoding):
            first = share.begins[0] - self.filled
            places = self.offsets[first : first + share.tokens]
            weight = float(towards(share.weights[None].astype(np.float64))[0])
            found.append(Contribution(int(places[0, 0]), int(places[-1, 1]), _written(self.text, places), weight))
        return found


def occlude(tokenizer: Tokenizer, text: Given) -> Occlusion:
    """Return a text with its words and sentences hidden in turn; of several columns, each column too.

    Raises OptionError where it is no str, or of a model of several columns no mapping of them.
    """
    given = None
    if tokenizer.columns:
        read = item_of(text, tokenizer, "The row to explain")
        text, given = (read, None) if isinstance(read, str) else (read.text, read.features)
    if not isinstance(text, str):
        raise OptionError(f"The text to explain must be a str; got {type(text).__name__}.")
    encoding, all_offsets = tokenizer.encode_with_offsets(text)
    encoding = encoding if given is None else replace(encoding, features=given)
    kept = tokenizer.kept(encoding.tokens)
    offsets = np.array(all_offsets, dtype=np.int64).reshape(-1, 2)[kept]
    filled = len(encoding.ids) - len(offsets)  # the filler in front; or the unknown word that an empty text becomes
    shown = _shown(tokenizer.spans(text, all_offsets)[kept])
    span = span_for(len(offsets), len(shown))
    words = [slice(shown[start].start, shown[start : start + span][-1].stop) for start in range(0, len(shown), span)]
    starts = [(int(offsets[part.start, 0]), int(offsets[part.stop - 1, 1])) for part in shown]
    in_sentences = [slice(shown[part.start].start, shown[part.stop - 1].stop) for part in sentences(text, starts)]
    columns = _cells(tokenizer, text, offsets)
    variants = [encoding]
    of_columns = [cell.tokens for cell in columns]
    variants += [
        hidden(encoding, slice(part.start + filled, part.stop + filled)) for part in words + in_sentences + of_columns
    ]
    if columns:
        text = text.replace(MARK, STROKE)
    beside: list[str] = []
    if tokenizer.features is not None and given is not None:
        for name, places in tokenizer.features.slots.items():
            average = given.copy()
            average[places] = 0
            variants.append(replace(encoding, features=average))
            beside.append(name)
    return Occlusion(text, encoding, variants, words, in_sentences, offsets, filled, span, columns, beside)


def _cells(tokenizer: Tokenizer, text: str, offsets: NDArray[np.int64]) -> list[Cell]:
    """Return the cells of a joined text with those of their tokens that are read; none of one column."""
    found = []
    for column, (start, end) in zip(tokenizer.columns, parts(text) if tokenizer.marked else (), strict=False):
        first, last = np.searchsorted(offsets[:, 0], [start, end]).tolist()
        found.append(Cell(column, start, end, slice(first, last)))
    return found


def features(explanation: Explained) -> list[Contribution]:
    """Return what the columns beside the text contribute as parts to list, the strongest first."""
    found = [Contribution(0, 0, name, value) for name, value in explanation.features.items()]
    return strongest_words(found, len(found))


def as_plain(explanation: DataclassInstance) -> dict[str, Any]:
    """Return an explanation as plain JSON values; without columns where the text is of one."""
    plain = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(explanation).items()}
    return {name: value for name, value in plain.items() if value or name not in OF_COLUMNS}


def strongest_words(words: Sequence[Contribution], count: int) -> list[Contribution]:
    """Return the `count` words that contribute most, up or down, the strongest first."""
    return sorted(words, key=lambda word: -abs(word.contribution))[:count]


def strongest(ngrams: Sequence[Contribution], nothing: float = NOTHING) -> tuple[Contribution, ...]:
    """Return the n-grams that add most, MOST_NGRAMS at most, without those that add less than `nothing`."""
    found = [ngram for ngram in ngrams if abs(ngram.contribution) >= nothing]
    return tuple(sorted(found, key=lambda ngram: -abs(ngram.contribution))[:MOST_NGRAMS])


def _written(text: str, places: NDArray[np.int64]) -> str:
    """Return the tokens at places [M, 2] as the text has them: one space where anything lies between two.

    Tokens that are parts of one character have the same place.
    """
    written, end = "", int(places[0, 0])
    for start, stop in places.tolist():
        written += (" " if start > end else "") + text[max(start, end) : stop]
        end = max(end, stop)
    return written


def hidden(encoding: Encoding, part: slice | NDArray[np.intp]) -> Encoding:
    """Return an encoding with the unknown word in place of a part of its ids."""
    without = encoding.ids.copy()
    without[part] = UNKNOWN
    return replace(encoding, ids=without)


def _shown(spans: NDArray[np.int64]) -> list[slice]:
    """Return the words as slices of the tokens, from a number of each token's word [T], -1 for white space."""
    edges = np.flatnonzero(np.diff(spans, prepend=-2, append=-2))
    return [slice(int(start), int(end)) for start, end in pairwise(edges) if spans[start] >= 0]


def span_for(tokens: int, words: int | None = None) -> int:
    """Return how many neighbouring words are hidden together in a text of `tokens` tokens.

    words: how many there are, where they are not the tokens themselves.
    """
    spans = max(FEWEST_SPANS, BUDGET // max(tokens, 1))
    return max(1, -(-(tokens if words is None else words) // spans))


def around_words(explanation: Explained) -> Iterator[tuple[str, Contribution | None]]:
    """Yield the pieces of the text to show, in order: (its text, the word that it is), None for what is no word.

    HTML line breaks are line ends.
    """
    end = 0
    for word in explanation.words:
        yield LINE_BREAK.sub("\n", explanation.text[end : word.start]), None
        yield word.text, word
        end = word.end
    yield LINE_BREAK.sub("\n", explanation.text[end:]), None


def of_no_known_word(explanation: Explained) -> str:
    """Return what to say of the answer to a text of which no word is known."""
    if any(abs(word.contribution) > NOTHING for word in explanation.words):
        return "No known word was read: the answer goes by the spelling of unknown ones."
    return "Nothing known was read: the answer is that to any text without a known word."


def edges_shown(ngram: str) -> str:
    """Return an n-gram of characters with a sign for white space at its ends, which would not be seen."""
    return EDGES.sub("\u2423", ngram)
