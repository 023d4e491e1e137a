"""Which entry of a file a word gets, and which further words come along: against a plain search of the whole file."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.word_vectors.selection import Selection

WORDS = st.lists(st.text("abAB1", min_size=1, max_size=2), max_size=20)


@given(entries=WORDS, wanted=st.sets(st.text("ab1", min_size=1, max_size=2)), keep=st.integers(0, 6))
def test_the_entry_spelled_alike_wins_then_the_first(entries: list[str], wanted: set[str], keep: int) -> None:
    selection = Selection(wanted, keep, str.lower, lambda word: "1" not in word)
    for place, word in enumerate(entries):
        if (key := selection.key(word, place)) is not None:
            selection.put(key, word, np.array([place], dtype=np.float32))

    def best(key: str) -> int:
        return entries.index(key) if key in entries else [word.lower() for word in entries].index(key)

    there = list(dict.fromkeys(word.lower() for word in entries))
    further = [word for word in there if word not in wanted and "1" not in word][:keep]
    assert {word: int(vector[0]) for word, vector in selection.found.items()} == {
        word: best(word) for word in there if word in wanted
    }
    assert list(selection.extra) == further
    assert {word: int(vector[0]) for word, vector in selection.extra.items()} == {word: best(word) for word in further}
    kept = [word for word in entries if word in selection.found or word in selection.extra]
    assert selection.repeated == len(kept) - len(set(kept))
