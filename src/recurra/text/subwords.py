"""The character n-grams of a word as numbers, so that a word that training never saw is not a blank.

Between marks of its beginning and its end, `<word>`, every run of 2 to 5 characters is hashed into one of B buckets by
the CRC-32 (as in zlib) of its UTF-8 bytes, modulo B. Words that are spelt alike share most of their buckets.

Source: Bojanowski, Grave, Joulin and Mikolov, 2017: Enriching word vectors with subword information; they hash runs of
3 to 6 characters by FNV-1a.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 2, 5
LONGEST_WORD = 40
"""Of a longer word only the first characters are read: it is no word."""


def subwords(word: str, buckets: int) -> NDArray[np.int32]:
    """Return the bucket, below `buckets`, of each character n-gram of a word [G], in the order of the word; G >= 1."""
    marked = f"<{word[:LONGEST_WORD]}>"
    grams = (
        marked[start : start + size] for size in range(SHORTEST, LONGEST + 1) for start in range(len(marked) - size + 1)
    )
    return np.fromiter((crc32(gram.encode("utf-8", "surrogatepass")) % buckets for gram in grams), dtype=np.int32)


def joined(words: Iterable[str], buckets: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the buckets of several words one after another, and where each word's begin and end [N + 1]."""
    parts = [subwords(word, buckets) for word in words]
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return (np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)), ends
