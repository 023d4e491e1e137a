"""Features of n-grams against the formula in plain Python, in the kernel and in NumPy."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.text import ngrams
from recurra.text.ngram_limits import MAX_WORDS
from recurra.text.ngrams import PAIR, TRIPLE, HashedNgrams

KINDS = [(1, 0), (2, 101), (3, 1009)]
WORDS = 60
ROWS = st.lists(st.lists(st.integers(0, WORDS - 1), max_size=70), max_size=6)


def by_formula(row: list[int], order: int, buckets: int) -> list[int]:
    found = {a for a in row if a >= 2}
    if order >= 2:
        found |= {WORDS + (a * PAIR[0] + b * PAIR[1]) % buckets for a, b in itertools.pairwise(row) if min(a, b) >= 2}
    if order >= 3:
        triples = (row[i : i + 3] for i in range(len(row) - 2))
        found |= {
            WORDS + sum(w * m for w, m in zip(triple, TRIPLE, strict=True)) % buckets
            for triple in triples
            if min(triple) >= 2
        }
    return sorted(found)


def flat(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids, starts and lengths, with an id between rows that is of none."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    ids = np.array([i for row in rows for i in [*row, 7]], dtype=np.int32)
    return ids, np.cumsum(lengths + 1) - lengths - 1, lengths


@pytest.fixture(params=["kernel", "numpy"])
def _engine(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(ngrams, "library", lambda: None)
            patch.setattr(ngrams, "_CHUNK_TOKENS", 40)
        elif ngrams.library() is None:
            pytest.skip("no kernel was built here")
        yield


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize(("order", "buckets"), KINDS)
@settings(deadline=None)
@given(rows=ROWS)
def test_distinct_features_and_their_sums(order: int, buckets: int, rows: list[list[int]]) -> None:
    hashed = HashedNgrams(WORDS, order, buckets)
    wanted = [by_formula(row, order, buckets) for row in rows]
    for threads in (1, 2):
        pointer, index = hashed.distinct(*flat(rows), threads=threads)
        assert [index[a:b].tolist() for a, b in itertools.pairwise(pointer)] == wanted
        assert (pointer.dtype, index.dtype) == (np.int64, np.int32)
    weights = np.random.default_rng(1).normal(size=(hashed.features, 3)).astype(np.float32)
    sums, counts = hashed.sums(*flat(rows), weights)
    assert counts.tolist() == [len(row) for row in wanted]
    exact = np.array([weights[row].sum(axis=0, dtype=np.float64) for row in wanted]).reshape(len(rows), 3)
    np.testing.assert_allclose(sums, exact, rtol=1e-6, atol=1e-6)


@settings(deadline=None)
@given(row=st.lists(st.integers(0, WORDS - 1), max_size=12))
def test_each_occurrence_has_its_place(row: list[int]) -> None:
    hashed = HashedNgrams(WORDS, 3, 1009)
    feature, begin, size = hashed.occurrences(np.array(row, dtype=np.int32))
    assert sorted(set(feature.tolist())) == by_formula(row, 3, 1009)
    for f, b, s in zip(feature.tolist(), begin.tolist(), size.tolist(), strict=True):
        assert by_formula(row[b : b + s], s, 1009)[-1] == f or f in by_formula(row[b : b + s], s, 1009)
        assert min(row[b : b + s]) >= 2


def test_ids_of_padded_rows() -> None:
    ids = np.array([[5, 6, 0, 0], [7, 5, 6, 8]], dtype=np.int32)
    hashed = HashedNgrams(WORDS, 2, 101)
    padded = hashed.distinct(ids, np.array([0, 4]), np.array([4, 4]))
    ragged = hashed.distinct(ids, np.array([0, 4]), np.array([2, 4]))
    assert padded[0].tolist() == ragged[0].tolist() and padded[1].tolist() == ragged[1].tolist()


def test_the_largest_ids_do_not_overflow() -> None:
    largest = MAX_WORDS - 1
    assert largest * sum(TRIPLE) < 2**63
    hashed = HashedNgrams(MAX_WORDS, 3, 1_048_573)
    _, index = hashed.distinct(np.full(3, largest, dtype=np.int32), np.array([0]), np.array([3]))
    wanted = {largest, *(MAX_WORDS + largest * sum(m) % 1_048_573 for m in (PAIR, TRIPLE))}
    assert index.tolist() == sorted(wanted)


def test_buckets_are_filled_evenly() -> None:
    """As many distinct pairs and triples as buckets leave 1/e of these empty, as random numbers would."""
    buckets = 10_007
    rng = np.random.default_rng(0)
    pairs = rng.integers(2, 30_000, size=(buckets // 2, 2)).astype(np.int32)
    triples = rng.integers(2, 30_000, size=(buckets - buckets // 2, 3)).astype(np.int32)
    hashed = HashedNgrams(30_000, 3, buckets)
    filled = np.zeros(buckets, dtype=bool)
    for table in (pairs, triples):
        size = table.shape[1]
        feature, _, sizes = hashed.occurrences(np.c_[table, np.zeros(len(table), np.int32)].reshape(-1))
        filled[feature[sizes == size] - 30_000] = True
    assert filled.mean() == pytest.approx(1 - np.exp(-1), abs=0.02)


@pytest.mark.parametrize("sizes", [(-1, 1, 0), (2**20 + 1, 1, 0), (10, 0, 7), (10, 4, 7), (10, 2, 0), (10, 2, 2**30)])
def test_sizes_out_of_range_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"must be|has 1 to|cannot be hashed"):
        HashedNgrams(*sizes)


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize(
    ("ids", "starts", "lengths"),
    [([WORDS], [0], [1]), ([-1], [0], [1]), ([5], [0], [2]), ([5], [-1], [1]), ([5], [0], [-1]), ([5], [0, 0], [1])],
)
def test_rows_out_of_range_are_refused(ids: list[int], starts: list[int], lengths: list[int]) -> None:
    hashed = HashedNgrams(WORDS, 2, 101)
    arrays = np.array(ids, dtype=np.int32), np.array(starts), np.array(lengths)
    with pytest.raises(ValueError, match=r"out of range|outside of|one length"):
        hashed.distinct(*arrays)
    with pytest.raises(ValueError, match=r"out of range|outside of|one length"):
        hashed.sums(*arrays, np.zeros((hashed.features, 1), np.float32))


def test_weights_must_be_of_all_features() -> None:
    with pytest.raises(ValueError, match="161 features"):
        HashedNgrams(WORDS, 2, 101).sums(
            np.array([2], np.int32), np.array([0]), np.array([1]), np.zeros((160, 2), np.float32)
        )
