"""N-grams in training against torch's own bags and plain Python, with gradients, padding and spellings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_side import NgramSide, Spellings
from recurra.nn.batch import Batch
from recurra.text.ngrams import HashedNgrams
from recurra.text.subwords import subwords
from support.ngram_models import KINDS, WORDS, features_by_hand, network, shape

ROWS = [[2], [3, 2], [0, 1, 5, 5], [4, 3, 2, 4, 3, 2, 4, 3], [1], [9, 8, 7]]
WITH_NGRAMS = [kind for kind in KINDS if kind["order"]]


def bag(made: ManyToOneNetwork, row: list[int]) -> torch.Tensor:
    """Return the sum of the weights [O] of a row by torch's EmbeddingBag, and of the spellings of its words."""
    side, spellings = made.ngrams, made.spellings
    assert side is not None
    features = sorted(features_by_hand(row, made.shape.vocabulary, made.shape.ngrams))
    chosen = torch.tensor(features, dtype=torch.int64)
    total = functional.embedding_bag(chosen, side.table.weight, torch.tensor([0]), mode="sum")[0]
    if spellings is not None and spellings.ngrams is not None:
        for word in {word for word in row if word >= 2}:
            grams = torch.from_numpy(subwords(WORDS[word - 2], made.shape.subwords).astype(np.int64))
            found = functional.embedding_bag(grams, spellings.ngrams.weight, torch.tensor([0]), mode="sum")[0]
            total = total + 0.6 * found / len(grams) ** 0.5
    return total


@pytest.mark.parametrize("kind", WITH_NGRAMS, ids=str)
def test_sums_and_gradients_are_those_of_bags(kind: dict[str, Any]) -> None:
    made = network(shape(**kind))
    batch = Batch.of([np.array(row, dtype=np.int32) for row in ROWS])
    expected = torch.stack([bag(made, row) for row in ROWS])
    found = made.ngram_scores(batch)
    torch.testing.assert_close(found, expected)
    assert made.ngrams is not None
    tables = [made.ngrams.table.weight]
    if made.spellings is not None and made.spellings.ngrams is not None:
        tables.append(made.spellings.ngrams.weight)
    wanted = torch.autograd.grad(expected.square().sum(), tables)
    for by_row in (False, True):
        if by_row:
            made.gradients_by_row()
        made.zero_grad()
        made.ngram_scores(batch).square().sum().backward()
        for table, gradient in zip(tables, wanted, strict=True):
            assert table.grad is not None
            own = table.grad.to_dense() if table.grad.is_sparse else table.grad
            torch.testing.assert_close(own, gradient)


@pytest.mark.parametrize("kind", WITH_NGRAMS, ids=str)
def test_padding_and_neighbours_change_nothing(kind: dict[str, Any]) -> None:
    made = network(shape(**kind))
    together = made(Batch.of([np.array(row, dtype=np.int32) for row in ROWS]))
    for row, logits in zip(ROWS, together, strict=True):
        torch.testing.assert_close(made(Batch.of([np.array(row, dtype=np.int32)]))[0], logits, atol=1e-5, rtol=1e-5)
    order = made.network_scores(Batch.of([np.array(row, dtype=np.int32) for row in ROWS]))
    torch.testing.assert_close(together - order, torch.stack([bag(made, row) for row in ROWS]), atol=1e-5, rtol=1e-5)


def test_weights_start_at_zero_and_learn_at_their_own_rate() -> None:
    side = NgramSide(HashedNgrams(16, 2, 101), 3)
    assert not side.table.weight.any()
    spellings = Spellings(WORDS, 97, 4, 3)
    assert spellings.embedding is not None and spellings.ngrams is not None
    assert not spellings.embedding.weight.any() and not spellings.ngrams.weight.any()


def test_frozen_weights_answer_but_are_neither_trained_nor_added_in_training() -> None:
    made = network(shape(2))
    table = np.random.default_rng(0).normal(size=(16 + 101, 1)).astype(np.float32)
    before = made.head.bias.clone()
    made.start_from_ngrams(table, np.array([0.5], dtype=np.float32))
    torch.testing.assert_close(made.head.bias, before + 0.5)
    batch = Batch.of([np.array([2, 3, 4], dtype=np.int32)])
    feature = sorted(features_by_hand([2, 3, 4], 16, 2))
    torch.testing.assert_close(made.ngram_scores(batch)[0, 0].item(), float(table[feature].sum()), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(made(batch), made.network_scores(batch) + made.ngram_scores(batch))
    torch.testing.assert_close(made.train()(batch), made.network_scores(batch))
    made(batch).sum().backward()
    assert made.ngrams is not None and made.ngrams.table.weight.grad is None


@pytest.mark.parametrize("words", [[0], [1], [2, 3], [0, 15, 1, 7, 7]])
def test_spellings_of_words_are_means_and_scaled_sums(words: list[int]) -> None:
    made = network(shape(2, subwords=97, vectors=True))
    spellings, chosen = made.spellings, torch.tensor(words)
    assert spellings is not None and spellings.embedding is not None and spellings.ngrams is not None
    for number, word in enumerate(words):
        grams = torch.from_numpy(subwords(WORDS[word - 2], 97).astype(np.int64)) if word >= 2 else None
        mean = torch.zeros(4) if grams is None else spellings.embedding.weight[grams].mean(0)
        total = torch.zeros(1) if grams is None else spellings.ngrams.weight[grams].sum(0) * 0.6 / len(grams) ** 0.5
        torch.testing.assert_close(spellings.vectors(chosen)[number], mean)
        torch.testing.assert_close(spellings.weights(chosen)[number], total)


def test_a_hidden_word_keeps_its_spelling() -> None:
    """So will one that training never sees: its vector is that of the unknown word, and of its spelling."""
    torch.manual_seed(0)
    made = network(shape(0, subwords=97, vectors=True))
    made.word_dropout.rate = 1.0
    made.embedding_dropout.rate = made.pooled_dropout.rate = 0.0
    hidden = made.train().network_scores(Batch.of([np.array([4, 5], dtype=np.int32)]))
    with torch.no_grad():
        made.embedding.weight[[4, 5]] = made.embedding.weight[1].clone()
    torch.testing.assert_close(hidden, made.eval().network_scores(Batch.of([np.array([4, 5], dtype=np.int32)])))
