"""Scripts that put no spaces between words, so that what lies between two spaces is not a word."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACELESS = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf]")
"""Thai, Lao, Tibetan, Burmese, Khmer, Tai Le, New Tai Lue and Tai Tham letters."""
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MOST_CHARACTERS = 1_000


def is_spaceless(character: str) -> bool:
    """Return whether a character is of a script without spaces between words, Chinese and Japanese among them."""
    return bool(_SPACELESS.match(character) or _IDEOGRAPHS.match(character))


def spaceless_share(texts: Iterable[str], *, ideographs: bool = False) -> float:
    """Return the share of the characters, white space apart, that are of scripts without spaces between words.

    ideographs: whether those of Chinese and Japanese count; the tokeniser takes each for a word of its own. Of a long
    text only the beginning is looked at.
    """
    text = "".join("".join(text[:_MOST_CHARACTERS].split()) for text in texts)
    found = len(_SPACELESS.findall(text)) + (len(_IDEOGRAPHS.findall(text)) if ideographs else 0)
    return found / max(1, len(text))
