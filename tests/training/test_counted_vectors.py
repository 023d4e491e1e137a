"""Word vectors from counts: against a plain count and a full decomposition, and that company makes words alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from recurra.text.tokenizer import FIRST_WORD, UNKNOWN
from recurra.training import counted_vectors
from recurra.training.counted_vectors import SMOOTHING, WINDOW, vectors


def sequences_of(words: int, rows: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.zipf(1.3, rng.integers(1, 40)).clip(max=words - 1).astype(np.int32) for _ in range(rows)]


def plain_information(sequences: list[np.ndarray], words: int) -> np.ndarray:
    """Positive pointwise mutual information [words, words], counted pair by pair."""
    pairs: Counter[tuple[int, int]] = Counter()
    for ids in sequences:
        for here, word in enumerate(ids.tolist()):
            for there in range(max(0, here - WINDOW), min(len(ids), here + WINDOW + 1)):
                if there != here and word >= FIRST_WORD and ids[there] >= FIRST_WORD:
                    pairs[word, int(ids[there])] += 1
    counts = np.zeros((words, words))
    for pair, n in pairs.items():
        counts[pair] = n
    company = counts.sum(0) ** SMOOTHING
    company /= company.sum()
    often = counts.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(counts / (often[:, None] * company[None, :]))
    return np.where(counts > 0, np.maximum(found, 0), 0)


@pytest.mark.parametrize("block", [1, 40, 700, 10**6])
def test_counts_become_information_in_place(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """However many rows are worked on at once: words that were never met, alone and many in a row, among them."""
    monkeypatch.setattr(counted_vectors, "BLOCK_PAIRS", block)
    met = np.array([2, 3, 5, 6, 30, 31, 40, 41, 59])
    sequences = [met[row % len(met)].astype(np.int32) for row in sequences_of(60, 300, 1)]
    counts, _ = counted_vectors._pairs(sequences, 60)
    assert np.array_equal(counts.toarray(), counts.toarray().T)
    found = counted_vectors._become_information(counts)
    assert np.flatnonzero(found).tolist() == met.tolist()
    counts.check_format()
    expected = plain_information(sequences, 60)
    assert 0 < np.count_nonzero(expected) < len(met) ** 2  # some pairs are rarer than chance
    assert counts.nnz == np.count_nonzero(expected)
    np.testing.assert_allclose(counts.toarray(), expected, atol=1e-5)


@pytest.mark.parametrize("chunk", [50, 2_000_000])
def test_the_vectors_are_those_of_a_full_decomposition(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(counted_vectors, "CHUNK_TOKENS", chunk)
    monkeypatch.setattr(counted_vectors, "MIN_TOKENS", 100)
    sequences, words, width = sequences_of(60, 300, 0), 60, 6
    found = vectors(sequences, words, width, scale=0.1, seed=0)
    assert found is not None
    left, strengths, _ = np.linalg.svd(plain_information(sequences, words))
    expected = left[:, :width] * np.sqrt(strengths[:width])
    likeness, expected_likeness = found @ found.T, expected @ expected.T
    likeness *= np.abs(expected_likeness).max() / np.abs(likeness).max()
    np.testing.assert_allclose(likeness, expected_likeness, atol=0.08 * np.abs(expected_likeness).max())
    assert found.std() == pytest.approx(0.1, rel=1e-4)
    assert not found[:FIRST_WORD].any()


def test_words_with_the_same_neighbours_have_similar_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted_vectors, "MIN_TOKENS", 100)
    rng = np.random.default_rng(0)
    sequences = []
    for _ in range(800):  # 2 and 3 stand among 10..29, 4 and 5 among 30..49
        kind = rng.integers(2)
        row = rng.integers(10 + 20 * kind, 30 + 20 * kind, 9)
        row[4] = rng.choice([2, 3] if kind == 0 else [4, 5])
        sequences.append(row.astype(np.int32))
    found = vectors(sequences, 50, 8, scale=1.0, seed=0)
    assert found is not None
    unit = found[2:6] / np.linalg.norm(found[2:6], axis=1, keepdims=True)
    alike = unit @ unit.T
    assert min(alike[0, 1], alike[2, 3]) > max(alike[0, 2], alike[0, 3], alike[1, 2], alike[1, 3]) + 0.3


def test_words_of_different_rows_do_not_co_occur(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted_vectors, "MIN_TOKENS", 1)
    apart = [np.array([w], dtype=np.int32) for w in range(2, 40)]
    assert vectors(apart, 40, 4, scale=0.1, seed=0) is None


def test_little_text_gives_none() -> None:
    assert vectors(sequences_of(60, 20, 0), 60, 6, scale=0.1, seed=0) is None
    assert vectors([], 60, 6, scale=0.1, seed=0) is None
    assert vectors([np.full(60_000, UNKNOWN, dtype=np.int32)], 60, 6, scale=0.1, seed=0) is None


def test_counting_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted_vectors, "MIN_TOKENS", 100)
    monkeypatch.setattr(counted_vectors, "MAX_TOKENS", 1000)
    monkeypatch.setattr(counted_vectors, "CHUNK_TOKENS", 100)
    read = 0

    def rows() -> object:
        nonlocal read
        for ids in sequences_of(60, 10_000, 1):
            read += len(ids)
            yield ids

    assert vectors(rows(), 60, 6, scale=0.1, seed=0) is not None  # type: ignore[arg-type]
    assert read < 3000
