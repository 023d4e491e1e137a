"""A closed list of words: the only ones that a beam search writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.table import listed
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.alphabet import Alphabet

MOST = 1_000_000
"""Most words of a list: each of their distinct beginnings lies in memory."""


class WordList:
    """A prefix tree of words, as a constraint of the beam search.

    Texts are words separated by one space each, or nothing at all; with `single`, exactly one of the words, which may
    then be phrases with spaces of their own.
    A state is a place in the tree: 0 is the beginning of a text, 1 that of a word after a space.
    """

    start = 0

    def __init__(self, words: Iterable[str], alphabet: Alphabet, *, single: bool = False) -> None:
        """words: in the alphabet's form. Raises OptionError where one cannot be spelt, or there is none."""
        self._space = -1 if single else alphabet.space
        root: dict[int, int] = {}
        self._next: list[dict[int, int]] = [root, root]
        self._whole = bytearray([not single, False])
        unspelt: list[str] = []
        for phrase in words:
            for word in [" ".join(phrase.split())] if single else phrase.split():
                symbols = alphabet.symbols(word)
                if symbols is None:
                    unspelt.append(word)
                elif len(symbols):
                    self._add(symbols.tolist())
        if unspelt:
            raise OptionError(
                f"{len(unspelt):,} of the words have characters that the model cannot write: {listed(unspelt, 8)}. "
                "Leave them out, or spell them with the characters of its training transcripts."
            )
        if not root:
            raise OptionError("The list has no word. Give at least one.")

    def _add(self, symbols: list[int]) -> None:
        state = 0
        for symbol in symbols:
            following = self._next[state].get(symbol)
            if following is None:
                following = len(self._next)
                self._next[state][symbol] = following
                self._next.append({})
                self._whole.append(False)
            state = following
        self._whole[state] = True

    def step(self, state: int, symbol: int, /) -> int | None:
        """Return the state after one more symbol; None where no word goes on so."""
        if symbol == self._space:
            return 1 if state > 1 and self._whole[state] else None
        return self._next[state].get(symbol)

    def final(self, state: int, /) -> bool:
        """Return whether a text may end here: with a whole word."""
        return bool(self._whole[state])


def read_words(path: Path, encoding: str = "utf-8") -> list[str]:
    """Return the words of a file, one a line; empty lines do not count, and the first of repeated words stays.

    Raises ReadError for a file that is missing, in another encoding, without a word or with more than `MOST`.
    """
    words: dict[str, None] = {}
    for line in lines_of(path, encoding):
        if line:
            words.setdefault(line)
        if len(words) > MOST:
            raise ReadError(f"{path} has more than {MOST:,} words, the most of a list. Give those that can be said.")
    if not words:
        raise ReadError(f"{path} has no word. Write one a line.")
    return list(words)


def lines_of(path: Path, encoding: str = "utf-8", limit: int = 1_000_000) -> Iterator[str]:
    """Yield the lines of a text file, gzipped or not, without spaces at their ends. limit: characters of a line.

    Raises ReadError for a file that is missing, damaged, in another encoding or with a longer line.
    """
    with TextLines(path, check_bytes(path, encoding), limit) as lines:
        while True:
            lines.begin_row()
            try:
                line = next(lines, None)
            except RowTooLong:
                raise ReadError(
                    f"{path}, line {lines.number}, has more than {limit:,} characters. Break it into lines."
                ) from None
            if line is None:
                return
            yield line.strip()
