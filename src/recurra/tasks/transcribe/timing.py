"""The words of a decoded text, with when each was said and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.ctc import Decoded
from recurra.tasks.transcribe.features import FrontEnd


@dataclass(frozen=True)
class Word:
    """One word. start, end: seconds, end > start. confidence: 0..1, that of its least sure character: one that is
    wrong makes the word wrong."""

    text: str
    start: float
    end: float
    confidence: float


def words_of(
    decoded: Decoded, alphabet: Alphabet, front_end: FrontEnd, start: float = 0.0, end: float = math.inf
) -> list[Word]:
    """Return the words of a text, which whitespace separates, in order.

    start: seconds at which the first step is; end: those at which the sound ends, beyond which the last step may go.
    A word lasts from the first step of its first character to the last step of its last one. These are the steps at
    which the network is sure, so that the sound of a word may begin a little earlier or end a little later.
    """
    words: list[Word] = []
    begun: list[int] = []
    characters = [alphabet.text([symbol]) for symbol in decoded.symbols.tolist()]
    for place, character in enumerate([*characters, " "]):
        if not character.isspace():
            begun.append(place)
        elif begun:
            first, last = int(decoded.spans[begun[0], 0]), int(decoded.spans[begun[-1], 1])
            begins = start + front_end.seconds(first)
            words.append(
                Word(
                    "".join(characters[index] for index in begun),
                    begins if begins < end else start,  # sound shorter than a frame ends before the frame's middle
                    min(start + front_end.seconds(last), end),
                    float(decoded.scores[begun].min()),
                )
            )
            begun = []
    return words
