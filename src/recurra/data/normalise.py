"""When are two texts the same?"""

from __future__ import annotations

import html
import re
import unicodedata
from hashlib import blake2b

_TAG = re.compile(r"<[/!?]?[a-zA-Z!?][^<>]*>")


def normalise(text: str) -> str:
    """Return what two texts must share to count as the same: no HTML, NFKC, case folded, single spaces.

    >>> normalise("A  fine<br /><br />FILM &amp; cast")
    'a fine film & cast'
    """
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = unicodedata.normalize("NFKC", text.casefold())
    return " ".join(text.casefold().split())


def digest(text: str) -> int:
    """Return a 64-bit digest of a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
