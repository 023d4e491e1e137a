"""The end of a stream of text that the next characters may still change, in a bounded number of characters."""

from __future__ import annotations

import re

from recurra.text.words import is_word, split, split_with_offsets

_OPEN_BREAK = re.compile(r"<(?:b(?:r\s*(?:/\s*)?)?)?", re.IGNORECASE)
_APOSTROPHES = ("'", "’")


def open_break(text: str) -> int:
    """Return where an HTML line break that is not closed yet begins; the length of the text where there is none."""
    opening = text.rfind("<")
    return opening if opening >= 0 and _OPEN_BREAK.fullmatch(text, opening) else len(text)


def shorten_break(tail: str) -> str:
    """Return the same open line break in few characters: one white space in it is equivalent to a thousand."""
    return re.sub(r"\s+", " ", tail)


def stable_length(text: str) -> int:
    """Return the largest n for which no text that follows changes how the first n characters are split.

    `split(text[:n]) + split(text[n:] + more) == split(text + more)` for every `more`. What may change is an HTML line
    break that is not closed yet, and a word at the very end with the apostrophe after it.
    """
    if (opening := open_break(text)) < len(text):
        return opening
    if not text or text[-1].isspace():
        return len(text)
    last = text.rsplit(None, 1)[-1]  # white space parts all tokens
    shift = len(text) - len(last)
    tokens = split_with_offsets(last)
    if not tokens or tokens[-1][2] < len(last):  # the end is a closed line break
        return len(text)
    word, start, _ = tokens[-1]
    if word in _APOSTROPHES and len(tokens) > 1 and tokens[-2][2] == start:
        word, start, _ = tokens[-2]
    return shift + start if _grows(word) else len(text)


def _grows(token: str) -> bool:
    """Return whether a letter that follows would become part of `token`."""
    return len(split(token + "x")) == 1


def shorten_tail(tail: str, longest: int) -> str:
    """Return at most `longest` + 2 characters that can replace an unstable `tail`, whatever follows it.

    longest: characters of the longest word of the vocabulary: every longer word is unknown, whatever letters follow."""
    if tail.startswith("<"):
        return shorten_break(tail)
    if len(tail) <= longest + 1:
        return tail
    mark = tail[-1] if tail[-1] in _APOSTROPHES else ""
    return ("x" if is_word(tail) else "_") * (longest + 1) + mark
