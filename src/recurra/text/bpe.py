"""Text to pieces of words and back without loss: byte-level byte-pair encoding, saved as plain JSON.

Training merges the commonest pair of neighbouring pieces again and again, starting from the 256 bytes, so that every
text has an encoding and nothing is ever unknown. A piece does not reach across words; the space before a word belongs
to the word. The `tokenizers` package counts and encodes; what is saved are the merges alone, in order, from which
everything else follows. Ids: the special symbols first, then the 256 bytes, then one piece a merge.

Special symbols are ids that no text encodes to, whatever it spells: the text "<s>" is three characters.

Source: Sennrich et al., 2016, Neural machine translation of rare words with subword units.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Self

import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from recurra.errors import ArtefactError, OptionError, brief

BYTES = 256
CHARACTER_COUNT = 2
"""How often the bytes of a character must occur to become one piece, however often other pairs must."""
KIND = "byte-pairs-1"
"""Name of the splitting and merging rule; saved, so that a changed rule is never applied to an old model."""

LONG_TEXT = 1 << 14
"""Characters from which a text is encoded as a batch of one: only there other threads run meanwhile."""


class Subwords:
    """Text <-> ids of pieces.

    specials: names of the special symbols, which have the ids 0, 1, ... merges: pairs of pieces, in the order in which
    they are merged, spelled in the alphabet of `ByteLevel`, one character a byte. lines: a text is not divided into
    words by white space and signs; each of its lines is a word.
    """

    def __init__(self, merges: Sequence[tuple[str, str]], specials: Sequence[str] = (), *, lines: bool = False) -> None:
        self.specials = tuple(specials)
        self.merges = [(left, right) for left, right in merges]
        ids = {letter: number for number, letter in enumerate(_alphabet())}
        for left, right in self.merges:
            ids.setdefault(left + right, len(ids))
        self._first = len(self.specials)
        self._model = tokenizers.Tokenizer(models.BPE(vocab=ids, merges=self.merges))
        self._model.pre_tokenizer = _splitter(lines=lines)
        self._bytes = [b""] * self._first + [bytes(map(_BYTE_OF.__getitem__, piece)) for piece in ids]

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        size: int,
        specials: Sequence[str] = (),
        *,
        min_count: int = 0,
        lines: bool = False,
    ) -> Self:
        """Return the encoding of at most `size` ids, special symbols included, trained on `texts`.

        texts: gone through twice where `min_count` is above CHARACTER_COUNT. min_count: how often a pair must occur to
        be merged; for one inside a character that count is enough. lines: see the class. The same texts give the same
        encoding. Raises OptionError for a size that does not hold the bytes.
        """
        smallest = len(specials) + BYTES
        if size < smallest:
            raise OptionError(f"A vocabulary of pieces needs at least {smallest} ids, one for each byte; got {size}.")
        merges = _merges(texts, size - len(specials), min_count, lines=lines)
        if min_count > CHARACTER_COUNT:
            merges = _with_characters(merges, texts)[: size - smallest]
        return cls(merges, specials, lines=lines)

    @classmethod
    def from_merges(cls, merges: Iterable[str], *, lines: bool = False) -> Self:
        """Return the encoding of merges that are written as pairs with a space between.

        Raises ArtefactError where they are no such merges.
        """
        try:
            pairs = [tuple(merge.split(" ")) for merge in merges]
        except (TypeError, AttributeError):
            pairs = [()]
        if not _follow(pairs):
            raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
        return cls([(left, right) for left, right in pairs], lines=lines)

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self._bytes)

    def special(self, name: str) -> int:
        """Return the id of a special symbol. Raises KeyError where there is none of that name."""
        return self._special_ids[name]

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`; none for an empty one. A lone surrogate is read as the replacement character."""
        first, text = self._first, _sound(text)
        if len(text) <= LONG_TEXT:
            encoding = self._model.encode(text)
        else:
            (encoding,) = self._model.encode_batch_fast([text])
        return [number + first for number in encoding.ids]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of `ids`; special symbols have no text.

        `decode(encode(text)) == text` for every text without lone surrogates. Bytes that are no UTF-8 become
        replacement characters.
        """
        return b"".join(map(self._bytes.__getitem__, ids)).decode("utf-8", "replace")

    def bytes_of(self, number: int) -> bytes:
        """Return the bytes of an id: perhaps a part of a character, and none for a special symbol."""
        return self._bytes[number]

    def pieces(self, ids: Iterable[int]) -> list[str]:
        """Return each id as people may read it: its text, or the name of a special symbol."""
        return [
            self.specials[i] if i < self._first else self._bytes[i].decode("utf-8", "replace") for i in map(int, ids)
        ]

    def to_json(self) -> str:
        """Return everything that `from_json` needs."""
        plain = {"kind": KIND, "specials": self.specials, "merges": [f"{left} {right}" for left, right in self.merges]}
        return json.dumps(plain, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` saved. Raises ArtefactError for anything else."""
        try:
            plain = json.loads(text)
            kind, specials = plain["kind"], plain["specials"]
            merges = [tuple(merge.split(" ")) for merge in plain["merges"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ArtefactError(
                f"tokenizer.json is not a tokeniser of Recurra: {brief(error)}. Train the model again."
            ) from None
        if kind != KIND:
            raise ArtefactError(
                f"tokenizer.json merges pieces by the rule {brief(kind)}; this Recurra knows {KIND!r}. "
                "Upgrade Recurra, or train the model again."
            )
        sound = (
            isinstance(specials, list)
            and all(isinstance(name, str) and name for name in specials)
            and len(set(specials)) == len(specials)
        )
        if not (sound and _follow(merges)):
            raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
        return cls([(left, right) for left, right in merges], specials)

    @cached_property
    def _special_ids(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.specials)}


def _alphabet() -> list[str]:
    """The characters that represent the 256 bytes, in the order of their ids."""
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def _letters() -> Iterator[tuple[str, int]]:
    """Each character of the alphabet with its byte: a printable Latin-1 character represents itself, the others are
    the characters from 256 on, in order (as in GPT-2's encoding, whose alphabet this is)."""
    beyond = 256
    for byte in range(BYTES):
        if 33 <= byte <= 126 or 161 <= byte <= 172 or 174 <= byte <= 255:
            yield chr(byte), byte
        else:
            yield chr(beyond), byte
            beyond += 1


_BYTE_OF = dict(_letters())
_LETTER_OF = {byte: letter for letter, byte in _BYTE_OF.items()}


def _splitter(*, lines: bool) -> pre_tokenizers.PreTokenizer:
    to_bytes: pre_tokenizers.PreTokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not lines)
    if not lines:
        return to_bytes
    divided: pre_tokenizers.PreTokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n", behavior="removed"), to_bytes]
    )
    return divided


def _sound(text: str) -> str:
    """Return the text with lone surrogates, which no UTF-8 can hold, replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _merges(texts: Iterable[str], size: int, min_count: int, *, lines: bool) -> list[tuple[str, str]]:
    """Return the merges of an encoding of at most `size` ids, of pairs that occur `min_count` times or more."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitter(lines=lines)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=min_count,
        initial_alphabet=_alphabet(),
        special_tokens=[],
        show_progress=False,
    )
    tokenizer.train_from_iterator(map(_sound, texts), trainer)
    return [(left, right) for left, right in json.loads(tokenizer.to_str())["model"]["merges"]]


def _with_characters(merges: list[tuple[str, str]], texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return `merges`, and after them those that make each character of several bytes one piece, the commonest first.

    Characters of which `texts` have fewer than CHARACTER_COUNT are left out.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_sound(text))
    known, added = set(merges), []
    for character in sorted(counts, key=lambda character: (-counts[character], character)):
        if counts[character] < CHARACTER_COUNT:
            break
        letters = [_LETTER_OF[byte] for byte in character.encode()]
        for size in range(1, len(letters)):
            merge = ("".join(letters[:size]), letters[size])
            if merge not in known:
                known.add(merge)
                added.append(merge)
    return merges + added


def _follow(merges: Sequence[tuple[str, ...]]) -> bool:
    """Return whether each merge joins two pieces that exist by then, and none is there twice."""
    known = set(_BYTE_OF)
    for merge in merges:
        if len(merge) != 2 or merge[0] not in known or merge[1] not in known:
            return False
        known.add(merge[0] + merge[1])
    return len(set(merges)) == len(merges)
