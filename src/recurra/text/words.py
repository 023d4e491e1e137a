"""Where words begin and end.

A token is a word (letters, digits, marks; an apostrophe inside joins), a single ideograph, or one punctuation sign.
HTML line breaks are white space. Offsets always refer to the text as it was given.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

PATTERN = "words-1"
"""Name of the splitting rule below; saved with a tokenizer, so that a changed rule is never applied to an old model."""

LINE_BREAK = re.compile(r"<br\s*+(?:/\s*+)?>", re.IGNORECASE)
"""An HTML line break. Its repeats give nothing back, so that it costs no more than to read the text once."""

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

BLOCK_CHARACTERS = 1 << 14
"""Characters that are split at one time: no other thread of the process runs meanwhile."""


@dataclass(frozen=True)
class Rule:
    """A splitting rule. tokens: matches each token. ends: matches a character that no token reaches beyond."""

    tokens: re.Pattern[str]
    ends: re.Pattern[str]


_PLAIN = Rule(re.compile(r"\w+(?:['’]\w+)*|[^\w\s]"), re.compile(r"[^\w'’]"))


@cache
def _special() -> tuple[re.Pattern[str], Rule]:
    """Return a search for characters that `_PLAIN` would split wrongly, and the rule that splits them right.

    Those are ideographs, which are words of their own, and combining marks, which belong to the word before them
    (`\\w` leaves them out and would cut the words of Hindi or Thai apart).
    """
    ideographs = re.compile(f"[{_IDEOGRAPHS}]")
    letters = [c for c in range(sys.maxunicode + 1) if chr(c).isalnum() and not ideographs.match(chr(c))]
    letter = f"_{_ranges(letters)}{marks()}"
    careful = Rule(re.compile(rf"[{letter}]+(?:['’][{letter}]+)*|\S"), re.compile(f"[^{letter}'’]"))
    return re.compile(f"[{_IDEOGRAPHS}{marks()}]"), careful


@cache
def marks() -> str:
    """Return all combining marks as the inside of a character class."""
    return _ranges([c for c in range(0x300, sys.maxunicode + 1) if unicodedata.category(chr(c)) in ("Mn", "Mc", "Me")])


def _ranges(codes: Sequence[int]) -> str:
    """Return rising code points as the inside of a character class."""
    pieces: list[list[int]] = []
    for code in codes:
        if pieces and pieces[-1][1] == code - 1:
            pieces[-1][1] = code
        else:
            pieces.append([code, code])
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in pieces)


def warm_up() -> None:
    """Make now what the first text with letters beyond Latin needs, which takes a quarter of a second."""
    _special()


def _rule_for(text: str) -> Rule:
    """Return `_PLAIN` where it is right, which is nearly always and 15 times faster, else the careful pattern."""
    if text.isascii():
        return _PLAIN
    search, careful = _special()
    return careful if search.search("".join(set(text))) else _PLAIN  # each character once: a long text has few


def split(text: str) -> list[str]:
    """Return the tokens of `text` in order, spelled as in the text (not lower-cased)."""
    text = without_breaks(text)
    return divided(text, _rule_for(text))


def divided(text: str, rule: Rule) -> list[str]:
    """Return what a rule finds in `text`, in order."""
    if len(text) <= BLOCK_CHARACTERS:
        return rule.tokens.findall(text)
    tokens: list[str] = []
    start = 0
    while start < len(text):
        end = rule.ends.search(text, start + BLOCK_CHARACTERS)
        stop = end.end() if end else len(text)
        tokens += rule.tokens.findall(text, start, stop)
        start = stop
    return tokens


def split_with_offsets(text: str) -> list[tuple[str, int, int]]:
    """Return (token, start, end) in order, with `text[start:end] == token`."""
    return [(m.group(), m.start(), m.end()) for m in _rule_for(text).tokens.finditer(without_breaks(text))]


def is_word(token: str) -> bool:
    """Return whether a token is more than punctuation: whether it holds a letter or a digit."""
    return token.isalnum() or any(map(str.isalnum, token))


def without_breaks(text: str) -> str:
    """Blank out HTML line breaks without moving any other character."""
    return LINE_BREAK.sub(lambda m: " " * len(m.group()), text) if "<" in text else text
