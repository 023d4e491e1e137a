"""Characters as symbols, and transcripts in the form in which they are learnt and compared."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recurra.errors import ArtefactError
from recurra.storage.model_directory import TOKENIZER
from recurra.storage.sound_json import sound_json
from recurra.tasks.transcribe.options import Normalisation

BLANK = 0
"""The symbol of a step that adds no character."""
SPACE = " "
MOST_SYMBOLS = 8_000
APOSTROPHES = {ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'", ord("\N{MODIFIER LETTER APOSTROPHE}"): "'"}


def normalised(text: str, how: Normalisation) -> str:
    """Return a transcript as it is learnt, and as both sides of a comparison are written.

    With "words": composed (NFC), in lower case, without punctuation but apostrophes and hyphens inside of words. Spaces
    at the ends go and runs of them become one either way.
    """
    text = unicodedata.normalize("NFC", text)
    if how == "words":
        text = unicodedata.normalize("NFC", text.lower()).translate(APOSTROPHES)
        text = "".join(
            character if _in_words(character) or _joins(text, place) else SPACE for place, character in enumerate(text)
        )
    return SPACE.join(text.split())


def _in_words(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _joins(text: str, place: int) -> bool:
    """Return whether the character at a place is an apostrophe or a hyphen between two of a word."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return text[place] in "'-" and len(around) == 2 and all(map(_in_words, around))


class _Written(BaseModel):
    """The content of tokenizer.json. words: the only words there are; None where any may be written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["characters"] = "characters"
    normalisation: Normalisation
    characters: list[str] = Field(min_length=1, max_length=MOST_SYMBOLS)
    words: list[str] | None = None

    @model_validator(mode="after")
    def _sound(self) -> _Written:
        if any(len(character) != 1 for character in self.characters):
            raise ValueError("characters must be single characters")
        if len(set(self.characters)) != len(self.characters):
            raise ValueError("characters must be distinct")
        known = set(self.characters)
        if any(not word or not known.issuperset(word) or SPACE in word for word in self.words or ()):
            raise ValueError("words must be of the characters")
        return self


class Alphabet:
    """K symbols: the blank, then the characters.

    characters: K - 1 distinct ones. normalisation: of transcripts. words: the only words that are written, where the
    data have no others; None for any.
    """

    def __init__(
        self, characters: Sequence[str], normalisation: Normalisation = "words", words: Sequence[str] | None = None
    ) -> None:
        self.characters = tuple(characters)
        self.normalisation: Normalisation = normalisation
        self.words = None if words is None else tuple(words)
        self._symbols = {character: symbol for symbol, character in enumerate(self.characters, BLANK + 1)}

    @classmethod
    def of(
        cls, transcripts: Iterable[str], normalisation: Normalisation = "words", words: Sequence[str] | None = None
    ) -> Alphabet:
        """Return the alphabet of normalised transcripts, the space in any case."""
        counts = Counter(character for transcript in transcripts for character in transcript)
        return cls(sorted({SPACE, *counts}), normalisation, words)

    def __len__(self) -> int:
        return 1 + len(self.characters)

    @property
    def space(self) -> int:
        """The symbol of the space between words."""
        return self._symbols[SPACE]

    def normalised(self, text: str) -> str:
        """Return a transcript in the form in which it is learnt."""
        return normalised(text, self.normalisation)

    def symbols(self, transcript: str) -> NDArray[np.int64] | None:
        """Return the symbols [L] of a normalised transcript; None where it has a character of another alphabet."""
        found = [self._symbols.get(character, BLANK) for character in transcript]
        return None if BLANK in found else np.array(found, dtype=np.int64)

    def text(self, symbols: Iterable[int]) -> str:
        """Return the text of symbols without blanks."""
        return "".join(self.characters[symbol - 1] for symbol in symbols)

    def unknown(self, transcript: str) -> set[str]:
        """Return the characters of a normalised transcript that are of another alphabet."""
        return set(transcript) - self._symbols.keys()

    def to_json(self) -> str:
        """Return the content of tokenizer.json."""
        written = _Written(
            normalisation=self.normalisation,
            characters=list(self.characters),
            words=None if self.words is None else list(self.words),
        )
        return written.model_dump_json(indent=1)

    @classmethod
    def from_json(cls, content: bytes) -> Alphabet:
        """Return the alphabet in tokenizer.json. Raises ArtefactError for any other content."""
        try:
            written = _Written.model_validate(sound_json(TOKENIZER, content))
        except ValidationError as error:
            raise ArtefactError(
                f"{TOKENIZER} is not the alphabet of a transcriber ({error.errors()[0]['msg']}). "
                "Copy the whole model again, or train it again."
            ) from None
        if SPACE not in written.characters:
            raise ArtefactError(f"{TOKENIZER} has no space among its characters. Train the model again.")
        return cls(written.characters, written.normalisation, written.words)
