"""What is tried depends on the rows: characters of words only where texts are short."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.many_to_one.learn.baseline_grid import (
    CHARACTERS,
    NAIVE_BAYES,
    SHORT,
    TFIDF,
    WORDS_AND_CHARACTERS,
    character_grid,
    word_grid,
)
from recurra.many_to_one.learn.ngram_counts import TokenRows


@pytest.mark.parametrize(("length", "names"), [(SHORT, 2), (SHORT - 1, 3)])
def test_characters_only_of_short_texts(length: int, names: int) -> None:
    rows = TokenRows(np.arange(10 * length, dtype=np.int32) % 50, np.arange(11) * length)
    grid = word_grid(rows, [f"w{i}" for i in range(50)], most=1000, threads=1)
    assert [features.name for features in grid] == [TFIDF, NAIVE_BAYES, WORDS_AND_CHARACTERS][:names]
    assert all(2 <= len(set(features.penalties)) <= 5 for features in grid)
    assert [features.name for features in character_grid(rows, most=1000, threads=1)] == [CHARACTERS]


@pytest.mark.parametrize(("rows", "length", "kept"), [(999, 61, 1), (1000, 61, 0), (1000, 5, 1)])
def test_words_of_one_row_count_where_there_is_little(rows: int, length: int, kept: int) -> None:
    ids = np.zeros(rows * length, dtype=np.int32)
    ids[7] = 1
    grid = word_grid(TokenRows(ids, np.arange(rows + 1) * length), ["a", "b"], most=1000, threads=1)
    singles = grid[1].learn()
    assert int((np.bincount(singles.indices, minlength=3) == 1).any()) == kept
