"""Counts of words and pairs against scikit-learn's CountVectorizer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from recurra.tasks.classify.learn import ngram_features
from recurra.tasks.classify.learn.ngram_features import NgramCounter, runs

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.lists(st.sampled_from(["Ab", "ab", "cd", "x", "İ", "ﬁn", "naïve", "don't", "12"]), max_size=8).map(" ".join),
    ),
    min_size=1,
    max_size=12,
)


def columns(matrix: object) -> list[tuple[float, ...]]:
    """Return the columns of a sparse matrix, sorted: equal whatever order the features have."""
    return sorted(map(tuple, np.asarray(matrix.toarray()).T.tolist()))  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 2))
def test_equals_scikit_learn(train: list[str], test: list[str], min_df: int) -> None:
    counter = NgramCounter(min_df)
    fitted = counter.fit([counter.learn_words(text) for text in train])
    found = counter.transform(test)
    try:
        oracle = CountVectorizer(ngram_range=(1, 2), min_df=min_df)
        expected = oracle.fit_transform(train)
    except ValueError:  # scikit-learn refuses an empty vocabulary
        assert counter.features == 0
        assert fitted.shape == (len(train), 0)
        assert found.shape == (len(test), 0)
        return
    assert columns(fitted) == columns(expected)
    assert columns(found) == columns(oracle.transform(test))
    assert (counter.transform(train) != fitted).nnz == 0
    assert fitted.dtype == np.float32


def test_keeps_the_features_of_most_rows() -> None:
    counter = NgramCounter(1, max_features=2)
    fitted = counter.fit([counter.learn_words(text) for text in ["aa bb", "aa cc", "aa bb", "bb"]])
    assert columns(fitted) == [(1, 0, 1, 1), (1, 1, 1, 0)]  # bb and aa


def test_words_beyond_the_bound_are_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram_features, "MAX_WORDS", 3)
    counter = NgramCounter(1)
    fitted = counter.fit([counter.learn_words(text) for text in ["aa bb", "cc dd", "aa cc bb"]])
    assert columns(fitted) == [(1, 0, 0), (1, 0, 1), (1, 0, 1)]  # aa bb, aa, bb; no pair spans an unseen word


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram_features, "MAX_ROWS", 2)
    counter = NgramCounter(1)
    with pytest.raises(ValueError, match="At most 2 rows"):
        counter.fit([counter.learn_words("aa")] * 3)


def test_runs_of_characters_as_scikit_learn_counts_them() -> None:
    texts = ["Ab  ab\tc", "ไม่ชอบ", "", "好 看", "aa"]
    counter = NgramCounter(1, split=runs, pairs=False)
    found = counter.fit([counter.learn_words(text) for text in texts])
    plain = [" ".join(text.lower().split()) for text in texts]
    wanted = CountVectorizer(analyzer="char", ngram_range=(1, 4)).fit_transform(plain)
    assert columns(found) == columns(wanted)
    assert (counter.transform(texts) != found).nnz == 0
