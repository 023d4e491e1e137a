"""How large the tables of n-grams are, and what a training step leaves out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.many_to_one.learn import defaults, sizing
from recurra.many_to_one.learn.sizing import buckets, dropouts, ngram_rate, subword_buckets
from recurra.many_to_one.options import ModelOptions
from support.ngram_models import examples_of


def is_prime(number: int) -> bool:
    return number > 1 and all(number % factor for factor in range(2, int(number**0.5) + 1))


@pytest.mark.parametrize("distinct", [0, 1, 700, 10_000, 1_234_567, 10**8])
@pytest.mark.parametrize("outputs", [1, 3, 77, 10_000])
def test_buckets_are_primes_in_proportion_to_the_n_grams(distinct: int, outputs: int) -> None:
    found = buckets(distinct, outputs)
    most = max(sizing.LEAST_BUCKETS, min(sizing.MOST_BUCKETS, sizing.MOST_NUMBERS // outputs))
    assert is_prime(found) and found <= max(most, sizing.LEAST_BUCKETS)
    wanted = min(max(int(1.5 * distinct), sizing.LEAST_BUCKETS), most)
    assert 0.98 * wanted <= found <= wanted


@pytest.mark.parametrize("width", [1, 2, 64, 300, 10_000])
def test_buckets_of_character_n_grams_are_bounded_by_their_width(width: int) -> None:
    found = subword_buckets(width)
    assert is_prime(found) and 1000 <= found <= 32_749
    assert found * width <= max(sizing.MOST_SUBWORD_NUMBERS, sizing.LEAST_BUCKETS * width)


def test_of_few_rows_rare_words_are_hidden_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = examples_of([[2, 2, 2, 3], [2, 1, 0]], [0, 1], ["a", "b", "c"])
    options = ModelOptions(word_dropout=0.2, dropout=0.4)
    left_out = dropouts(options, rows)
    assert isinstance(left_out.word_dropout, torch.Tensor)
    expected = [0, 0, 1 - 0.8 * 4 / 4.5, 1 - 0.8 / 1.5, 1.0]
    np.testing.assert_allclose(left_out.word_dropout, expected, rtol=1e-6)
    assert (left_out.dropout, left_out.embedding_dropout, left_out.ngram_dropout) == (0.4, 0.4, 0.0)
    assert dropouts(ModelOptions(word_dropout=0.0), rows).word_dropout == 0.0
    monkeypatch.setattr(defaults, "FEW_ROWS", 2)
    assert dropouts(options, rows).word_dropout == 0.2


def test_known_vectors_are_dropped_less_and_n_grams_more() -> None:
    rows = examples_of([[2, 2, 2, 3], [2, 1, 0]], [0, 1], ["a", "b", "c"])
    left_out = dropouts(ModelOptions(word_dropout=0.2, dropout=0.5, word_vectors="glove.txt"), rows)
    assert (left_out.word_dropout, left_out.embedding_dropout, left_out.ngram_dropout) == (0.2, 0.3, 0.5)


def test_n_grams_have_a_learning_rate_of_their_own() -> None:
    assert ngram_rate(ModelOptions(learning_rate=1e-3)) == pytest.approx(3)
    assert ngram_rate(ModelOptions(learning_rate=6e-3)) == pytest.approx(0.5)
