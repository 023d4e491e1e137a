"""The tokenizers of a language model: text to ids and back without loss, by characters, words or subwords.

    char   every code point that training saw. Others become UNKNOWN.
    word   words, punctuation signs and single white space, as `words.split` divides text; a space before a word
           belongs to it (" the"), so that joining them gives the text. Rare ones become UNKNOWN.
    bpe    subwords by byte-pair encoding (`text/bpe.py`); nothing is ever unknown.

Id 0 is UNKNOWN at every level, and no text encodes to it at the level bpe.
"""

from __future__ import annotations

import codecs
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, brief
from recurra.options.network import TokenLevel
from recurra.text.words import PATTERN, split_with_offsets

if TYPE_CHECKING:
    from recurra.text.bpe import Subwords

Ids = NDArray[np.int32]

UNKNOWN = 0
UNKNOWN_MARK = "\N{REPLACEMENT CHARACTER}"
"""How an unknown symbol is shown."""

_KINDS = {"char": "characters-1", "word": f"spaced-{PATTERN}", "bpe": "pieces-1"}
"""Names of the dividing rules; saved, so that a changed rule is never applied to an old model."""
_BLOCK_CHARACTERS = 1 << 16
"""Characters that are turned into symbols at one time, to bound the memory it takes."""


class SymbolTokenizer(ABC):
    """Text <-> ids of symbols, which are below `size`. level: the token unit."""

    level: ClassVar[TokenLevel]

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of ids, UNKNOWN included."""

    @abstractmethod
    def encode(self, text: str) -> Ids:
        """Return the ids of `text` [T] int32."""

    @abstractmethod
    def detokenizer(self) -> Detokenizer:
        """Return a detokenizer: it turns ids into text one after the other."""

    @abstractmethod
    def unknown(self, text: str) -> list[str]:
        """Return the parts of `text` that are unknown, each once, in the order in which they appear."""

    @abstractmethod
    def to_json(self) -> str:
        """Return everything that `tokenizer_from_json` needs."""

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of `ids`; `decode(encode(text)) == text` where nothing is unknown."""
        detokenizer = self.detokenizer()
        return "".join(detokenizer.write(int(number)) for number in ids) + detokenizer.end()

    def start(self) -> int:
        """Return the symbol after which a text begins: a line end, or the commonest where there is none."""
        ids = self.encode("\n")
        return int(ids[-1]) if len(ids) and ids[-1] != UNKNOWN else min(1, self.size - 1)


class Detokenizer:
    """Turns ids into text one after the other."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces

    def write(self, number: int) -> str:
        """Return the text that the next id adds; it may be empty."""
        return self._pieces[number]

    def end(self) -> str:
        """Return the rest of the text, after the last id."""
        return ""


class _ByteDetokenizer(Detokenizer):
    """Subwords are bytes: a character is written once its last byte has been read."""

    def __init__(self, subwords: Subwords) -> None:
        self._subwords = subwords
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, number: int) -> str:
        return self._decoder.decode(self._subwords.bytes_of(number))

    def end(self) -> str:
        return self._decoder.decode(b"", final=True)


class _ListTokenizer(SymbolTokenizer):
    """A vocabulary in a list: `symbols[i]` has id `i + 1`."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self.symbols = list(symbols)
        self._ids = {symbol: number for number, symbol in enumerate(self.symbols, UNKNOWN + 1)}

    @property
    def size(self) -> int:
        return len(self.symbols) + 1

    def detokenizer(self) -> Detokenizer:
        return Detokenizer([UNKNOWN_MARK, *self.symbols])

    def to_json(self) -> str:
        return json.dumps({"kind": _KINDS[self.level], "symbols": self.symbols}, ensure_ascii=True)


class CharacterTokenizer(_ListTokenizer):
    """Each code point is a symbol."""

    level: ClassVar[TokenLevel] = "char"

    def __init__(self, symbols: Sequence[str]) -> None:
        super().__init__(symbols)
        codes = np.array([ord(symbol) for symbol in self.symbols], dtype=np.int64)
        self._order = np.argsort(codes)
        self._codes = codes[self._order]

    @classmethod
    def fit(cls, text: str) -> CharacterTokenizer:
        """Return the characters of `text`, the commonest first, ties by code point."""
        return cls(sorted((counts := Counter(text)), key=lambda symbol: (-counts[symbol], symbol)))

    def encode(self, text: str) -> Ids:
        ids = np.zeros(len(text), dtype=np.int32)
        if len(self._codes):
            for start in range(0, len(text), _BLOCK_CHARACTERS):
                part = text[start : start + _BLOCK_CHARACTERS]
                ids[start : start + len(part)] = self._encoded(part)
        return ids

    def _encoded(self, text: str) -> NDArray[np.int64]:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
        indices = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[indices] == codes, self._order[indices] + 1, UNKNOWN)

    def unknown(self, text: str) -> list[str]:
        return [character for character in dict.fromkeys(text) if character not in self._ids]


class WordTokenizer(_ListTokenizer):
    """Each word, sign or white space is a symbol; a single space before a word belongs to it."""

    level: ClassVar[TokenLevel] = "word"

    @classmethod
    def fit(cls, text: str, *, size: int, min_count: int) -> WordTokenizer:
        """Return at most `size` symbols that occur `min_count` times or more, the commonest first, ties by spelling."""
        counts = Counter(_spaced(text))
        chosen = [symbol for symbol, count in counts.items() if count >= min_count]
        return cls(sorted(chosen, key=lambda symbol: (-counts[symbol], symbol))[:size])

    def encode(self, text: str) -> Ids:
        return np.fromiter((self._ids.get(symbol, UNKNOWN) for symbol in _spaced(text)), dtype=np.int32)

    def unknown(self, text: str) -> list[str]:
        return [symbol for symbol in dict.fromkeys(_spaced(text)) if symbol not in self._ids]


class SubwordTokenizer(SymbolTokenizer):
    """Each subword is a symbol."""

    level: ClassVar[TokenLevel] = "bpe"

    def __init__(self, subwords: Subwords) -> None:
        self._subwords = subwords

    @classmethod
    def fit(cls, text: str, *, size: int) -> SubwordTokenizer:
        """Return a tokenizer of at most `size` subwords, trained on `text`.

        Raises OptionError for fewer than the bytes need.
        """
        from recurra.text.bpe import Subwords

        return cls(Subwords.train(_lines(text), size, [UNKNOWN_MARK]))

    @property
    def size(self) -> int:
        return self._subwords.size

    def encode(self, text: str) -> Ids:
        ids = [np.array(self._subwords.encode(part), dtype=np.int32) for part in _lines(text)]
        return np.concatenate(ids) if ids else np.zeros(0, dtype=np.int32)

    def detokenizer(self) -> Detokenizer:
        return _ByteDetokenizer(self._subwords)

    def unknown(self, text: str) -> list[str]:
        return []

    def to_json(self) -> str:
        return json.dumps({"kind": _KINDS["bpe"], "pieces": json.loads(self._subwords.to_json())}, ensure_ascii=True)


def fit_tokenizer(level: TokenLevel, text: str, *, size: int, min_count: int) -> SymbolTokenizer:
    """Return the tokenizer of a training text.

    size: the most symbols, of words and subwords; every character is known. min_count: how often a word must occur.
    """
    if level == "char":
        return CharacterTokenizer.fit(text)
    if level == "word":
        return WordTokenizer.fit(text, size=size, min_count=min_count)
    return SubwordTokenizer.fit(text, size=size)


def tokenizer_from_json(text: str) -> SymbolTokenizer:
    """Return the tokenizer that `to_json` saved. Raises ArtefactError for anything else."""
    try:
        plain = json.loads(text)
        kind = plain["kind"]
        if kind not in _KINDS.values():
            raise ArtefactError(
                f"tokenizer.json divides text by the rule {brief(kind)}; this Recurra knows "
                f"{', '.join(map(repr, _KINDS.values()))}. Upgrade Recurra, or train the model again."
            )
        if kind == _KINDS["bpe"]:
            from recurra.text.bpe import Subwords

            subwords = Subwords.from_json(json.dumps(plain["pieces"]))
            if len(subwords.specials) != 1:
                raise ArtefactError("tokenizer.json does not have the one special symbol. Train the model again.")
            return SubwordTokenizer(subwords)
        symbols = plain["symbols"]
        sound = (
            isinstance(symbols, list)
            and all(isinstance(symbol, str) and symbol for symbol in symbols)
            and not any("\ud800" <= character <= "\udfff" for symbol in symbols for character in symbol)
            and len(set(symbols)) == len(symbols)
            and (kind != _KINDS["char"] or all(len(symbol) == 1 for symbol in symbols))
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtefactError(
            f"tokenizer.json is not a tokeniser of Recurra: {brief(error)}. Train the model again."
        ) from None
    if not sound:
        raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
    return CharacterTokenizer(symbols) if kind == _KINDS["char"] else WordTokenizer(symbols)


def _spaced(text: str) -> Iterator[str]:
    """Yield words and signs, each with a single space before it if there is one, and other white space by itself."""
    for part in _lines(text):
        end = 0
        for token, start, stop in split_with_offsets(part.replace("<", "\0")):  # no mark-up here: "<br>" is text
            gap = part[end:start]
            yield from gap[:-1] if gap.endswith(" ") else gap
            yield (" " if gap.endswith(" ") else "") + token.replace("\0", "<")
            end = stop
        yield from part[end:]


def _lines(text: str) -> Iterator[str]:
    """Yield the text in blocks of whole lines, of about `_BLOCK_CHARACTERS`; a longer line stays whole."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _BLOCK_CHARACTERS)
        stop = len(text) if end < 0 else end + 1
        yield text[start:stop]
        start = stop
