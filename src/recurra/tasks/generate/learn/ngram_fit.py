"""The n-grams beside a trained network: counted on the same text, and weighed by what they do on validation text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from recurra.tasks.generate.learn.kneser_ney import MOST_SYMBOLS, Ids, nats_by_order, ngram_tree, shortest_orders
from recurra.tasks.generate.mixture import softmax
from recurra.tasks.generate.ngrams import Ngrams, lengths
from recurra.tasks.generate.session import SCORING_LOGITS, LanguageSession

MOST_NODES = 4_000_000
"""The largest tree of n-grams that goes into a model: some 4 to 9 bytes each."""
STEPS = 100
"""Of expectation maximisation, for numbers that hardly move after ten."""
PRIOR = 20.0
"""How many symbols the share of all lengths together counts as in that of each: few symbols decide nothing."""
SMALLEST = 0.01
"""Least share of either part, so that neither decides alone."""


@dataclass(frozen=True)
class FittedNgrams:
    """N-grams to stand beside a network.

    order: n; arrays: what `mixture_from` reads, by name; by_order: what the order was chosen by, `nats_by_order`; None
    where it was given.
    """

    order: int
    arrays: dict[str, NDArray[Any]]
    by_order: dict[int, float] | None = None

    def content(self) -> bytes:
        """Return the content of ngrams.safetensors."""
        return save(self.arrays)


def fit_ngrams(
    session: LanguageSession, train: Ids, valid: Ids, known: Ids, *, start: int, order: int | None
) -> FittedNgrams:
    """Return the n-grams of a text, and the share that the network keeps beside them.

    session: the trained network. train, valid: what the network was trained and validated on; the shares are those
    under which both together predict `valid` best with n-grams of `train` alone. known: both together in the order of
    the text, which is counted in the end. start: the symbol that stands before a text. order: n, or None for the one
    that predicts `valid` best; it becomes less where the tree would have more than `MOST_NODES`.
    """
    vocabulary = session.vocabulary
    train, known = train[-MOST_SYMBOLS:], known[-MOST_SYMBOLS:]
    by_order = None if order else nats_by_order(train, valid, vocabulary)
    orders = range(order or 1, 0, -1) if by_order is None else [*shortest_orders(by_order), 1]
    for chosen in orders:
        arrays = ngram_tree(known, vocabulary, chosen)
        if len(arrays["symbol"]) <= MOST_NODES:
            break
    counted = ngram_tree(train, vocabulary, chosen)
    trial = Ngrams(counted["symbol"], counted["own"], counted["children"], order=chosen, vocabulary=vocabulary)
    share = fit_shares(*predictions(session, trial, valid, start), chosen)
    return FittedNgrams(chosen, {**arrays, "share": share}, by_order)


def fit_shares(
    network: NDArray[np.float32], ngrams: NDArray[np.float32], length: NDArray[np.int64], order: int
) -> NDArray[np.float32]:
    """Return the network's share [order] by how many of the last symbols the n-grams know.

    network, ngrams: [N] the probability that each gives to the symbol that came; length: [N], 0 to order - 1. The
    shares are those of the largest likelihood, drawn towards the one of all lengths together.
    """
    overall = np.full(1, 0.5)
    everywhere = np.zeros(len(length), dtype=np.int64)
    for _ in range(STEPS):
        overall = _expected(network, ngrams, everywhere, overall, np.full(1, 0.5), 1.0)
    shares = np.full(order, overall[0])
    for _ in range(STEPS):
        shares = _expected(network, ngrams, length, shares, np.full(order, overall[0]), PRIOR)
    return np.asarray(np.clip(shares, SMALLEST, 1 - SMALLEST), dtype=np.float32)


def _expected(
    network: NDArray[np.float32],
    ngrams: NDArray[np.float32],
    group: NDArray[np.int64],
    shares: NDArray[np.float64],
    prior: NDArray[np.float64],
    weight: float,
) -> NDArray[np.float64]:
    """Return the share of each group's symbols that the network is expected to account for under `shares`."""
    own = shares[group] * network
    responsible = own / (own + (1 - shares[group]) * ngrams)
    counts = np.bincount(group, minlength=len(shares))
    sums = np.bincount(group, responsible, len(shares))
    return np.asarray((sums + weight * prior) / (counts + weight), dtype=np.float64)


def predictions(
    session: LanguageSession, ngrams: Ngrams, ids: Ids, start: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Return (p of each of `ids` [N] by the network, by the n-grams, how many symbols before it the n-grams know)."""
    read = np.concatenate([[start], ids[:-1]]).astype(np.int64)
    parts: list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]] = []
    states, state = session.empty(), ngrams.empty()
    block = max(1, SCORING_LOGITS // session.vocabulary)
    for begin in range(0, len(ids), block):
        part = slice(begin, begin + block)
        logits, states = session.run(read[None, part], states)
        nodes = ngrams.read(read[part], state)
        state, rows, column = nodes[-1], np.arange(len(nodes)), ids[part]
        parts.append((softmax(logits[0])[rows, column], ngrams.probabilities(nodes)[rows, column], lengths(nodes)))
    network, beside, length = (np.concatenate(each) for each in zip(*parts, strict=True))
    return network, beside, length
