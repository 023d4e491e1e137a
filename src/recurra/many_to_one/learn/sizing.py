"""What is left out of a training step, and how large the tables of n-grams are, for so many rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from recurra.many_to_one.learn.defaults import few
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.options import TextModelOptions
from recurra.options.word_vectors import names_a_file
from recurra.text.tokenizer import FIRST_WORD

FILE_EMBEDDING, FILE_NGRAMS = 0.6, 1.0
"""Of few rows with word vectors from a file: the dropout of word vectors and of n-grams, as multiples of --dropout."""

NGRAM_RATE = 3e-3
"""The highest learning rate of n-grams that learn beside the network."""

RARE = 0.5
"""Of few rows, a word that occurs c times is hidden with probability 1 - (1 - word_dropout) c / (c + RARE)."""

LEAST_BUCKETS, MOST_BUCKETS = 1009, 4_194_301
MOST_NUMBERS = 2**22
"""Numbers in the table of n-grams, at most."""
SUBWORD_BUCKETS = 32_749
"""Buckets of character n-grams; a prime, as those of n-grams are."""
MOST_SUBWORD_NUMBERS = 2**21


def ngram_rate(options: TextModelOptions) -> float:
    """Return the learning rate of n-grams beside the network, as a multiple of its own. options: `sized`."""
    assert options.learning_rate is not None  # for the type checker: `sized` chose one
    return NGRAM_RATE / options.learning_rate


@dataclass(frozen=True)
class Dropouts:
    """The probabilities of leaving something out in training; see `ManyToOneNetwork`."""

    dropout: float
    embedding_dropout: float
    ngram_dropout: float
    word_dropout: float | Tensor


def dropouts(options: TextModelOptions, rows: Examples, labelled: int | None = None, based: bool = False) -> Dropouts:
    """Return what is left out of a training step, of options that are `sized`. labelled: how many rows have a label, if
    not all; based: whether the network starts from a base."""
    rate = options.word_dropout or 0.0
    if not few(len(rows) if labelled is None else labelled):
        return Dropouts(options.dropout, options.dropout, 0.0, rate)
    if based or names_a_file(options.word_vectors):
        return Dropouts(options.dropout, FILE_EMBEDDING * options.dropout, FILE_NGRAMS * options.dropout, rate)
    return Dropouts(options.dropout, options.dropout, 0.0, _by_count(rate, rows))


def _by_count(rate: float, rows: Examples) -> float | Tensor:
    """Return the probability of hiding each id [V] in training: rare words are hidden more often."""
    if not rate:
        return rate
    counts = rows.word_counts()
    rates = np.zeros(FIRST_WORD + len(counts), dtype=np.float32)
    rates[FIRST_WORD:] = 1 - (1 - rate) * counts / (counts + RARE)
    return torch.from_numpy(rates)


def buckets(distinct: int, outputs: int) -> int:
    """Return a prime number of buckets for so many distinct n-grams, with weights for `outputs` each."""
    return _prime(
        min(max(LEAST_BUCKETS, distinct + distinct // 2), MOST_BUCKETS, max(LEAST_BUCKETS, MOST_NUMBERS // outputs))
    )


def subword_buckets(width: int) -> int:
    """Return a prime number of buckets for character n-grams with `width` numbers each."""
    return _prime(min(SUBWORD_BUCKETS, max(LEAST_BUCKETS, MOST_SUBWORD_NUMBERS // width)))


def _prime(most: int) -> int:
    """Return the largest prime up to `most`, at least 2."""
    candidate = most
    while any(candidate % divisor == 0 for divisor in range(2, int(candidate**0.5) + 1)):
        candidate -= 1
    return candidate
