"""The tree of n-grams against the n-gram baseline's own answers, symbol by symbol and all at once; damaged ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ArtefactError
from recurra.tasks.generate import ngrams as module
from recurra.tasks.generate.learn.kneser_ney import ngram_nats, ngram_tree
from recurra.tasks.generate.ngrams import ABSENT, Ngrams, lengths

Texts = st.lists(st.integers(0, 4), min_size=2, max_size=60).map(lambda ids: np.array(ids, dtype=np.int64))


def tree(ids: np.ndarray, vocabulary: int, order: int) -> Ngrams:
    return Ngrams(**ngram_tree(ids, vocabulary, order), order=order, vocabulary=vocabulary)


@settings(max_examples=60, deadline=None)
@given(Texts, Texts, st.integers(1, 6))
def test_it_answers_as_the_baseline_does(train: np.ndarray, test: np.ndarray, order: int) -> None:
    ngrams = tree(train, 5, order)
    state = ngrams.read(train, ngrams.empty())[-1]
    states = np.concatenate([state[None], ngrams.read(test, state)])[: len(test)]
    chances = ngrams.probabilities(states)
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    # its shares are rounded to half precision
    expected = np.exp(-ngram_nats(train, test, 5, order))
    np.testing.assert_allclose(chances[np.arange(len(test)), test], expected, atol=4e-3)


@settings(max_examples=40, deadline=None)
@given(Texts, Texts, st.integers(1, 6))
def test_symbol_by_symbol_is_the_same_to_the_last_bit(train: np.ndarray, test: np.ndarray, order: int) -> None:
    ngrams = tree(train, 5, order)
    states = ngrams.read(test, ngrams.empty())
    chances = ngrams.probabilities(states)
    state = ngrams.empty()
    for step, symbol in enumerate(test):
        state = ngrams.read(np.array([symbol]), state)[-1]
        np.testing.assert_array_equal(state, states[step])
        np.testing.assert_array_equal(ngrams.probabilities(state[None])[0], chances[step])


def test_many_states_are_answered_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = np.random.default_rng(0).integers(0, 5, 100)
    ngrams = tree(ids, 5, 4)
    states = ngrams.read(ids, ngrams.empty())
    whole = ngrams.probabilities(states)
    monkeypatch.setattr(module, "ROWS", 7)
    np.testing.assert_array_equal(ngrams.probabilities(states), whole)


def test_it_knows_how_far_back_it_has_seen_the_text() -> None:
    ngrams = tree(np.array([1, 2, 3, 1, 2, 4]), 6, 4)
    found = lengths(ngrams.read(np.array([1, 2, 3, 5, 2, 4]), ngrams.empty()))
    assert found.tolist() == [1, 2, 3, 0, 1, 0]  # nothing was ever seen after a 5, nor after the last symbol, 4
    assert ngrams.empty().tolist() == [0, ABSENT, ABSENT, ABSENT]


@pytest.mark.parametrize("field", ["symbol", "own", "children"])
def test_arrays_that_are_no_tree_are_refused(field: str) -> None:
    sound: dict[str, Any] = ngram_tree(np.array([1, 2, 3, 1, 2, 4, 1, 1]), 6, 3)
    changes = {
        "symbol": [lambda a: a + 6, lambda a: a[:-1]],
        "own": [lambda a: a * 4 + 1, lambda a: -a - 1, lambda a: a * np.nan],
        "children": [lambda a: a * 0, lambda a: a[:-1], lambda a: a + 1, lambda a: a[:0]],
    }
    for change in changes[field]:
        with pytest.raises(ArtefactError, match=r"ngrams\.safetensors is damaged"):
            Ngrams(**{**sound, field: change(sound[field])}, order=3, vocabulary=6)
