"""The defaults that depend on how much there is to learn from: docs/explanation/small-and-large-data.md has the runs.

Of few rows, a network needs small steps and every word, and the n-grams learn beside it. Of many, frequent words and
larger steps are as good and faster, and the n-grams are fitted first.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from recurra.tasks.classify.learn.examples import Examples
from recurra.tasks.classify.options import ModelOptions
from recurra.text.tokenizer import FIRST_WORD

Chosen = TypeVar("Chosen", bound=ModelOptions)

FEW_ROWS = 20_000
"""With fewer training rows, the defaults are those for few rows."""
MANY_CLASSES = 20
"""With more classes n-grams learn beside the network however many rows there are."""

FEW: dict[str, Any] = {"learning_rate": 1e-3, "min_count": 1, "word_dropout": 0.2, "ngrams": 2, "subwords": "weights"}
MANY: dict[str, Any] = {"learning_rate": 6e-3, "min_count": 2, "word_dropout": 0.35, "ngrams": 3, "subwords": "none"}

BLEND = 0.4

RARE = 0.5
"""Of few rows, a word that occurs c times is hidden with probability 1 - (1 - word_dropout) c / (c + RARE)."""

LEAST_BUCKETS, MOST_BUCKETS = 1009, 4_194_301
MOST_NUMBERS = 2**22
"""Numbers in the table of n-grams, at most."""
SUBWORD_BUCKETS = 32_749
"""Buckets of character n-grams; a prime, as those of n-grams are."""
MOST_SUBWORD_NUMBERS = 2**21


def few(rows: int) -> bool:
    """Return whether so many training rows are few."""
    return rows < FEW_ROWS


def sized(options: Chosen, rows: int) -> Chosen:
    """Return the options where those that are left to the number of training rows have their value."""
    defaults = FEW if few(rows) else MANY
    chosen = {name: value for name, value in defaults.items() if getattr(options, name) in (None, "auto")}
    order = chosen.get("ngrams", options.ngrams)
    if "subwords" in chosen and (options.level not in (None, "word") or not order):
        chosen["subwords"] = "none"  # there are no words to spell, or no n-grams to weigh
    return options.model_copy(update=chosen)


def ngrams_first(rows: int, classes: int) -> bool:
    """Return whether the n-grams are fitted before the network, rather than beside it."""
    return not few(rows) and classes <= MANY_CLASSES


def blend_share(classes: int) -> float:
    """Return the share of a regression on its own n-grams in a model whose n-grams learnt beside the network."""
    return BLEND if classes <= MANY_CLASSES else 0.0


def word_dropout(rate: float, rows: Examples) -> float | Tensor:
    """Return the probability of hiding each id [V] in training, or one for all."""
    if not rate or not few(len(rows)):
        return rate
    counts = rows.word_counts()
    rates = np.zeros(FIRST_WORD + len(counts), dtype=np.float32)
    rates[FIRST_WORD:] = 1 - (1 - rate) * counts / (counts + RARE)
    return torch.from_numpy(rates)


def buckets(distinct: int, outputs: int, most: int = MOST_NUMBERS) -> int:
    """Return a prime number of buckets for so many distinct n-grams, with weights for `outputs` each."""
    return _prime(min(max(LEAST_BUCKETS, distinct + distinct // 2), MOST_BUCKETS, max(LEAST_BUCKETS, most // outputs)))


def subword_buckets(width: int) -> int:
    """Return a prime number of buckets for character n-grams with `width` numbers each."""
    return _prime(min(SUBWORD_BUCKETS, max(LEAST_BUCKETS, MOST_SUBWORD_NUMBERS // width)))


def _prime(most: int) -> int:
    """Return the largest prime up to `most`, at least 2."""
    candidate = most
    while any(candidate % divisor == 0 for divisor in range(2, int(candidate**0.5) + 1)):
        candidate -= 1
    return candidate
