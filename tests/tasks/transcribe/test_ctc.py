"""CTC against the enumeration of all paths, and against PyTorch's loss."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.tasks.transcribe.alphabet import BLANK
from recurra.tasks.transcribe.ctc import align, greedy, log_likelihood, log_likelihoods, steps_needed

SIZES = [(1, 2), (2, 3), (3, 4), (4, 3), (5, 3), (6, 2)]


def random_log_probs(steps: int, symbols: int, seed: int, spread: float = 2.0) -> NDArray[np.float32]:
    logits = np.random.default_rng(seed).normal(scale=spread, size=(steps, symbols))
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), dtype=np.float32)


def text_of(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol != BLANK)


def enumerated(log_probs: NDArray[np.float32]) -> dict[tuple[int, ...], dict[tuple[int, ...], float]]:
    """Every text, and the log-probability of each of its paths."""
    texts: dict[tuple[int, ...], dict[tuple[int, ...], float]] = defaultdict(dict)
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        texts[text_of(path)][path] = float(sum(log_probs[t, symbol] for t, symbol in enumerate(path)))
    return texts


@pytest.mark.parametrize(("steps", "symbols"), SIZES)
def test_likelihood_is_the_sum_over_all_paths(steps: int, symbols: int) -> None:
    log_probs = random_log_probs(steps, symbols, seed=steps)
    texts = enumerated(log_probs)
    together = log_likelihoods(log_probs, list(texts))
    for (text, paths), value in zip(texts.items(), together, strict=True):
        assert value == pytest.approx(np.logaddexp.reduce(list(paths.values())), abs=1e-5)
        assert log_likelihood(log_probs, text) == pytest.approx(value, abs=1e-9)
    assert np.logaddexp.reduce(together) == pytest.approx(0.0, abs=1e-5)


def test_likelihood_is_that_of_pytorch_on_ragged_texts() -> None:
    rng = np.random.default_rng(3)
    for seed, steps in enumerate([30, 7, 55, 1]):
        log_probs = random_log_probs(steps, 11, seed)
        for length in {0, 1, steps // 3, steps // 2}:
            symbols = rng.integers(1, 11, size=length)
            loss = torch.nn.functional.ctc_loss(
                torch.from_numpy(log_probs).double()[:, None],
                torch.from_numpy(symbols)[None],
                torch.tensor([steps]),
                torch.tensor([length]),
                reduction="sum",
            )
            assert log_likelihood(log_probs, symbols) == pytest.approx(-float(loss), abs=1e-6)


def test_a_text_that_needs_more_steps_has_no_likelihood_and_no_alignment() -> None:
    log_probs = random_log_probs(3, 4, seed=0)
    assert steps_needed([1, 1, 2]) == 4
    assert steps_needed([]) == 0
    assert log_likelihood(log_probs, [1, 1, 2]) == -np.inf
    assert np.isfinite(log_likelihood(log_probs, [1, 2, 1]))
    with pytest.raises(DataError, match="3 symbols need at least 4 steps, and the sound has 3"):
        align(log_probs, [1, 1, 2])


@pytest.mark.parametrize(("steps", "symbols"), SIZES)
def test_alignment_is_the_likeliest_path(steps: int, symbols: int) -> None:
    log_probs = random_log_probs(steps, symbols, seed=10 + steps)
    for text, paths in enumerated(log_probs).items():
        best = max(paths, key=paths.__getitem__)
        spans = align(log_probs, text)
        path = np.zeros(steps, dtype=np.int64)
        for symbol, (start, end) in zip(text, spans, strict=True):
            assert end > start
            path[start:end] = symbol
        assert paths[tuple(path.tolist())] == pytest.approx(paths[best], abs=1e-6)


def test_alignment_where_a_symbol_is_impossible_is_still_one() -> None:
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=np.float32))
    spans = align(log_probs, [1, 2])
    assert spans[1].tolist() == [2, 3]
    assert spans[0][0] < spans[0][1] <= 2


@pytest.mark.parametrize(("steps", "symbols"), SIZES)
def test_greedy_is_the_text_of_the_likeliest_path(steps: int, symbols: int) -> None:
    log_probs = random_log_probs(steps, symbols, seed=20 + steps)
    path = tuple(log_probs.argmax(axis=1).tolist())
    found = greedy(log_probs)
    assert tuple(found.symbols.tolist()) == text_of(path)
    assert found.log_probability == pytest.approx(enumerated(log_probs)[text_of(path)][path], abs=1e-5)
    for symbol, (start, end), score in zip(found.symbols, found.spans, found.scores, strict=True):
        assert set(path[start:end]) == {symbol}
        assert start == 0 or path[start - 1] != symbol
        assert end == steps or path[end] != symbol
        assert score == pytest.approx(max(np.exp(log_probs[start:end, symbol])))


def test_no_steps_are_the_empty_text() -> None:
    nothing = np.zeros((0, 5), dtype=np.float32)
    found = greedy(nothing)
    assert (found.symbols.shape, found.spans.shape, found.scores.shape) == ((0,), (0, 2), (0,))
    assert found.log_probability == 0.0
    assert log_likelihoods(nothing, [[], [1]]).tolist() == [0.0, -np.inf]
    assert align(nothing, []).shape == (0, 2)


def test_only_blanks_are_the_empty_text() -> None:
    log_probs = np.log(np.full((4, 3), [0.8, 0.1, 0.1], dtype=np.float32))
    assert not len(greedy(log_probs).symbols)
