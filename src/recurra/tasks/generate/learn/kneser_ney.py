"""The baseline of a language model: an interpolated n-gram model with modified Kneser-Ney smoothing, on arrays.

It predicts each symbol from the n - 1 before it, by the counts of that context in training, interpolated with the
probability by shorter contexts. Runs of symbols are numbered by sorting, length by length, over both texts at once, so
that nothing is looked up in a dictionary: a megabyte takes seconds.

Source: Chen and Goodman, 1998, An empirical study of smoothing techniques for language modeling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ORDERS = (2, 3, 4, 5, 6, 7, 8)
"""Orders to choose from."""
ABOUT = 0.001
"""By how much, of its nats, an order may be worse than the best one and yet be chosen for being shorter: most runs of
many words occur once, and cost more space than they bring."""
MOST_SYMBOLS = 5_000_000
"""The most symbols that it is trained on, the last ones: it needs some 150 bytes of memory for each."""
LEAST = 0.1
"""The smallest discount: without one, what was never seen would have no probability."""
_PLAIN_DISCOUNTS = np.array([0.0, 0.75, 0.75, 0.75])


@dataclass(frozen=True)
class Ngram:
    """The answers of an n-gram model on a text.

    order: n. nats: [N] -log p of each symbol after those before it. symbols_used: symbols that it was trained on.
    """

    order: int
    nats: Floats
    symbols_used: int

    @property
    def name(self) -> str:
        """The name of the baseline."""
        return f"{self.order}-gram with modified Kneser-Ney smoothing"


def nats_by_order(train: Ids, valid: Ids, vocabulary: int) -> dict[int, float]:
    """Return by order, of ORDERS, the mean -log p of a symbol of `valid` by the model of `train`. Symbols are below
    `vocabulary`."""
    by_order = _by_order(train[-MOST_SYMBOLS:], valid, vocabulary, max(ORDERS))
    return {n: float(nats.mean()) for n, nats in enumerate(by_order, 1) if n in ORDERS}


def fit_ngram(known: Ids, test: Ids, by_order: Mapping[int, float], *, vocabulary: int) -> Ngram:
    """Return the scores of `test` by the order of the best likelihood on validation text: `nats_by_order`.

    It is trained on `known`: training and validation text together in their order, of which `test` is the continuation.
    """
    order = min((nats, n) for n, nats in by_order.items())[1]
    known = known[-MOST_SYMBOLS:]
    return Ngram(order, ngram_nats(known, test, vocabulary, order), len(known))


def shortest_orders(by_order: Mapping[int, float]) -> list[int]:
    """Return the shortest order that is about as good on validation text as the best, and then shorter ones."""
    enough = min(n for n, nats in by_order.items() if nats <= (1 + ABOUT) * min(by_order.values()))
    return [n for n in sorted(by_order, reverse=True) if n <= enough]


def ngram_tree(train: Ids, vocabulary: int, order: int) -> dict[str, NDArray[Any]]:
    """Return the model of one order as the arrays `symbol`, `own` and `children` of `ngrams.Ngrams`.

    The shares are rounded down to half precision, so that the children of a node never have more than all of it.
    """
    runs = _Runs(train, train[:0], vocabulary, order)
    number = np.zeros(1, dtype=np.int64)  # of each node of the level before
    symbols, shares, children = [np.zeros(1, dtype=np.int64)], [np.zeros(1, dtype=np.float16)], []
    for length in range(1, order + 1):
        counts = runs.occurrences(length) if length == order else runs.continuations(length)
        run, symbol, context, own = runs.own_shares(length, counts)
        kept = np.isin(context, number)  # not so after the symbols before the text
        children.append(np.bincount(np.searchsorted(number, context[kept]), minlength=len(number)))
        number = run[kept]
        symbols.append(symbol[kept])
        shares.append(_rounded_down(own[kept]))
    return {
        "symbol": np.concatenate(symbols).astype(np.min_scalar_type(vocabulary - 1)),
        "own": np.concatenate(shares),
        "children": np.concatenate(children).astype(np.min_scalar_type(vocabulary)),
    }


def _rounded_down(values: Floats) -> NDArray[np.float16]:
    """Return the nearest number of half precision that is not larger. values: [N], 0 or more."""
    rounded = values.astype(np.float16)
    return np.where(rounded > values, np.nextafter(rounded, np.float16(0)), rounded)


def ngram_nats(train: Ids, test: Ids, vocabulary: int, order: int) -> Floats:
    """Return -log p of each symbol of `test` [N] by the model of one order trained on `train`."""
    *_, nats = _by_order(train, test, vocabulary, order)
    return nats


def _by_order(train: Ids, test: Ids, vocabulary: int, highest: int) -> Iterator[Floats]:
    """Yield -log p of each symbol of `test` [N] by the models of order 1, 2, ... up to `highest`.

    In a model of order n a run of n symbols counts as often as it occurs, and a shorter run once for each different
    symbol that was seen before it: that is Kneser-Ney smoothing. So all orders share the probabilities by shorter runs.
    """
    runs = _Runs(train, test, vocabulary, highest)
    shorter = np.full(len(test), 1.0 / vocabulary)  # [N]
    for length in range(1, highest + 1):
        yield -np.log(runs.interpolated(length, runs.occurrences(length), shorter))
        if length < highest:
            shorter = runs.interpolated(length, runs.continuations(length), shorter)


class _Runs:
    """The runs of 1 to `highest` symbols in a text, numbered by what they are.

    The text is `train`, then `test`; before it are symbols without meaning, so that every position has a past. M is the
    length of it all. numbers[k]: [M], the number of the run of k symbols that ends at each position.
    """

    def __init__(self, train: Ids, test: Ids, vocabulary: int, highest: int) -> None:
        before = np.full(highest, vocabulary)
        text = np.concatenate([before, train, test]).astype(np.int64)
        self.trained_on = slice(highest, highest + len(train))
        self.scored = slice(highest + len(train), len(text))
        self.text = text
        self.numbers = [np.zeros(len(text), dtype=np.int64)]
        for _ in range(highest):
            pairs = _shifted(self.numbers[-1]) * (vocabulary + 1) + text
            self.numbers.append(np.unique(pairs, return_inverse=True)[1].reshape(-1))

    def occurrences(self, length: int) -> Integers:
        """Return by number how often each run occurs in the training text."""
        numbers = self.numbers[length]
        return np.bincount(numbers[self.trained_on], minlength=int(numbers.max()) + 1)

    def continuations(self, length: int) -> Integers:
        """Return by number how many different symbols precede each run in the training text."""
        numbers = self.numbers[length]
        _, positions = np.unique(self.numbers[length + 1][self.trained_on], return_index=True)
        return np.bincount(numbers[self.trained_on][positions], minlength=int(numbers.max()) + 1)

    def own_shares(self, length: int, counts: Integers) -> tuple[Integers, Integers, Integers, Floats]:
        """Return of each different run of `length` in the training text, in rising order of its number: its number, its
        last symbol, the number of the run before that, and its share beyond what shorter runs add.

        counts: by number of the run. Numbers rise with the number of the run before, and then with the symbol.
        """
        contexts = _shifted(self.numbers[length - 1])
        runs, positions = np.unique(self.numbers[length][self.trained_on], return_index=True)
        context = contexts[self.trained_on][positions]
        discounts = _discounts(counts[runs])
        total = np.bincount(context, counts[runs])[context]
        own = np.maximum(counts[runs] - discounts[np.minimum(counts[runs], 3)], 0.0) / np.maximum(total, 1.0)
        return runs, self.text[self.trained_on][positions], context, own

    def interpolated(self, length: int, counts: Integers, shorter: Floats) -> Floats:
        """Return the probability [N] of each scored symbol by runs of `length`, interpolated with that by shorter ones.

        counts: by number of the run. shorter: [N].
        """
        numbers, contexts = self.numbers[length], _shifted(self.numbers[length - 1])
        size = int(contexts.max()) + 1
        runs, positions = np.unique(numbers[self.trained_on], return_index=True)
        context_of = contexts[self.trained_on][positions]  # of each different run
        discounts = _discounts(counts[runs])
        total = np.bincount(context_of, counts[runs], size)
        taken = np.bincount(context_of, discounts[np.minimum(counts[runs], 3)], size)

        count, context = counts[numbers[self.scored]], contexts[self.scored]
        seen = np.maximum(total[context], 1.0)
        own = np.maximum(count - discounts[np.minimum(count, 3)], 0.0)
        interpolated = (own + taken[context] * shorter) / seen
        return np.asarray(np.where(total[context] > 0, interpolated, shorter), dtype=np.float64)


def _shifted(numbers: Integers) -> Integers:
    """Return at each position the number at the position before."""
    return np.concatenate([np.zeros(1, dtype=np.int64), numbers[:-1]])


def _discounts(counts: Integers) -> Floats:
    """Return what is taken from counts of 0, 1, 2 and 3 or more, from how many counts are 1, 2, 3 and 4."""
    with_count = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(np.float64)
    if not with_count.all():
        return _PLAIN_DISCOUNTS
    one, two, three, four = with_count
    share = one / (one + 2 * two)
    estimates = [0.0, 1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / three]
    return np.asarray(np.clip(estimates, [0.0, LEAST, LEAST, LEAST], [0.0, 1.0, 2.0, 3.0]), dtype=np.float64)
