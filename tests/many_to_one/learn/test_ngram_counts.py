"""Counts of n-grams against scikit-learn's CountVectorizer, in the kernel and in NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from recurra.many_to_one.learn import ngram_counts
from recurra.many_to_one.learn.ngram_counts import NgramCounter, TokenRows
from recurra.training.logistic_regression import SparseRows

TEXTS = st.lists(st.lists(st.integers(0, 7), max_size=9), min_size=1, max_size=10)


@pytest.fixture(params=["kernel", "numpy"])
def _engine(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngram_counts, "_PASS_POSITIONS", 8)
        if request.param == "numpy":
            patch.setattr(ngram_counts, "library", lambda: None)
        elif ngram_counts.library() is None:
            pytest.skip("no kernel was built here")
        yield


def token_rows(texts: list[list[int]]) -> TokenRows:
    ids = np.array([i for text in texts for i in text], dtype=np.int32)
    return TokenRows(ids, np.cumsum([0, *map(len, texts)]))


def dense(rows: SparseRows) -> np.ndarray:
    assert all((np.diff(rows.indices[a:b]) > 0).all() for a, b in zip(rows.indptr, rows.indptr[1:], strict=False))
    return np.asarray(rows.scipy().toarray())


def columns(matrix: np.ndarray) -> list[tuple[float, ...]]:
    """Return the columns, sorted: equal whatever order the features have."""
    return sorted(map(tuple, matrix.T.tolist()))


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize("longest", [1, 2, 3, 5])
@settings(max_examples=25, deadline=None)
@given(train=TEXTS, test=TEXTS, min_df=st.integers(1, 3))
def test_equals_scikit_learn(longest: int, train: list[list[int]], test: list[list[int]], min_df: int) -> None:
    counter = NgramCounter(longest, min_df, most=10_000, threads=2)
    levels = counter.fit(token_rows(train))
    fitted = dense(counter.matrix(levels, token_rows(train).offsets, counts=True))
    new = dense(counter.matrix(counter.numbers(token_rows(test)), token_rows(test).offsets, counts=True))
    oracle = CountVectorizer(ngram_range=(1, longest), min_df=min_df, token_pattern=r"\w")
    words = [[" ".join(map(str, text)) for text in texts] for texts in (train, test)]
    try:
        expected = oracle.fit_transform(words[0]).toarray()
    except ValueError:  # scikit-learn refuses an empty vocabulary
        assert fitted.shape == (len(train), 0) and new.shape == (len(test), 0) and counter.ends[-1] == 0
        return
    assert columns(fitted) == columns(expected)
    assert columns(new) == columns(oracle.transform(words[1]).toarray())
    assert (dense(counter.matrix(levels, token_rows(train).offsets, counts=False)) == (fitted > 0)).all()
    singles = dense(counter.matrix(levels, token_rows(train).offsets, longest=1, counts=True))
    assert (singles == fitted[:, : counter.ends[1]]).all()


@pytest.mark.usefixtures("_engine")
def test_of_too_many_those_in_most_rows_are_kept() -> None:
    train = [[1, 2], [1, 3], [1, 2], [2]]
    counter = NgramCounter(2, 1, most=2)
    levels = counter.fit(token_rows(train))
    assert columns(dense(counter.matrix(levels, token_rows(train).offsets, counts=True))) == [
        (1, 0, 1, 1),
        (1, 1, 1, 0),
    ]
    found = dense(counter.matrix(counter.numbers(token_rows([[2, 1, 3, 9]])), np.array([0, 4]), counts=True))
    assert found.tolist() == [[1, 1]]


@pytest.mark.usefixtures("_engine")
def test_the_engines_number_features_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rows = token_rows([rng.zipf(1.5, size=size).clip(max=50).tolist() for size in rng.integers(0, 60, 40)])
    counter = NgramCounter(3, 2, most=200)
    found = counter.matrix(counter.fit(rows), rows.offsets, counts=True)
    monkeypatch.setattr(ngram_counts, "library", lambda: None)
    other = NgramCounter(3, 2, most=200)
    wanted = other.matrix(other.fit(rows), rows.offsets, counts=True)
    assert 0 < found.features == wanted.features <= 200 and counter.ends == other.ends
    for name in ("indptr", "indices", "values"):
        assert (getattr(found, name) == getattr(wanted, name)).all()
