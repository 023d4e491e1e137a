"""The n-gram baseline against a plain reading of Chen and Goodman's formulas, one dictionary look-up at a time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from recurra.tasks.generate.learn.kneser_ney import ORDERS, fit_ngram, nats_by_order, ngram_nats, shortest_orders


class Plain:
    """Modified Kneser-Ney smoothing as the paper writes it, with tuples and dictionaries."""

    def __init__(self, train: list[int], vocabulary: int, order: int) -> None:
        self.vocabulary, self.order = vocabulary, order
        padded = [vocabulary] * order + train
        places = range(order, len(padded))
        self.counts: list[Counter[tuple[int, ...]]] = [Counter()]
        for length in range(1, order + 1):
            if length == order:
                counts = Counter(tuple(padded[i - length + 1 : i + 1]) for i in places)
            else:  # how many different symbols stand before
                longer = {tuple(padded[i - length : i + 1]) for i in places}
                counts = Counter(run[1:] for run in longer)
            self.counts.append(counts)
        self.discounts = [self._discount(counts) for counts in self.counts]
        self.contexts: list[dict[tuple[int, ...], list[int]]] = []
        for counts in self.counts:
            following: dict[tuple[int, ...], list[int]] = defaultdict(list)
            for run, count in counts.items():
                following[run[:-1]].append(count)
            self.contexts.append(following)

    @staticmethod
    def _discount(counts: Counter[tuple[int, ...]]) -> list[float]:
        n = Counter(counts.values())
        if not all(n[k] for k in (1, 2, 3, 4)):
            return [0, 0.75, 0.75, 0.75]
        y = n[1] / (n[1] + 2 * n[2])
        found = [0.0] + [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
        return [0.0] + [min(max(d, 0.1), k) for k, d in enumerate(found) if k]

    def chance(self, past: tuple[int, ...], symbol: int) -> float:
        if len(past) > self.order - 1:
            past = past[len(past) - self.order + 1 :]
        shorter = self.chance_of(past[1:], symbol) if past else 1 / self.vocabulary
        return self._mixed(past, symbol, shorter)

    def chance_of(self, past: tuple[int, ...], symbol: int) -> float:
        shorter = self.chance_of(past[1:], symbol) if past else 1 / self.vocabulary
        return self._mixed(past, symbol, shorter)

    def _mixed(self, past: tuple[int, ...], symbol: int, shorter: float) -> float:
        length = len(past) + 1
        seen = self.contexts[length].get(past)
        if not seen:
            return shorter
        taken = self.discounts[length]
        total = sum(seen)
        count = self.counts[length][(*past, symbol)]
        own = max(count - taken[min(count, 3)], 0)
        return (own + sum(taken[min(c, 3)] for c in seen) * shorter) / total


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("symbols", [3, 12])
def test_equals_the_formulas(order: int, symbols: int) -> None:
    rng = np.random.default_rng(order * 100 + symbols)
    text = np.minimum(rng.geometric(0.3, 500), symbols) - 1
    text[::3] = text[1::3][: len(text[::3])].tolist() + [0] * (len(text[::3]) - len(text[1::3]))
    train, test = text[:420], np.append(text[420:], symbols)  # the last one was never seen
    plain = Plain(train.tolist(), symbols + 1, order)
    past = [symbols + 1] * order + train.tolist() + test.tolist()
    start = order + len(train)
    expected = [
        -math.log(plain.chance(tuple(past[i - order + 1 : i]) if order > 1 else (), past[i]))
        for i in range(start, len(past))
    ]
    np.testing.assert_allclose(ngram_nats(train, test, symbols + 1, order), expected, rtol=1e-10)


def test_chances_add_up_to_one() -> None:
    rng = np.random.default_rng(0)
    train, past = rng.integers(0, 5, 200), rng.integers(0, 5, 4)
    chances = [np.exp(-ngram_nats(train, np.append(past, symbol), 6, 4)[-1]) for symbol in range(6)]
    assert sum(chances) == pytest.approx(1, abs=1e-12)


def test_what_comes_later_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    train, test = rng.integers(0, 4, 300), rng.integers(0, 4, 50)
    whole = ngram_nats(train, test, 4, 3)
    np.testing.assert_array_equal(ngram_nats(train, test[:20], 4, 3), whole[:20])


def test_the_order_is_chosen_on_the_validation_text() -> None:
    cycle = np.tile([0, 1, 0, 2, 0, 3], 60)  # the two symbols before say everything, one does not
    found = fit_ngram(cycle[:300], cycle[300:], nats_by_order(cycle[:240], cycle[240:300], 4), vocabulary=4)
    assert found.order >= 3
    assert found.symbols_used == 300
    assert found.nats.mean() < 0.05
    assert str(found.order) in found.name
    noise = np.random.default_rng(2).integers(0, 4, 900)
    by_order = nats_by_order(noise[:600], noise[600:800], 4)
    assert by_order.keys() == set(ORDERS)
    for order in ORDERS[:3]:
        assert by_order[order] == pytest.approx(ngram_nats(noise[:600], noise[600:800], 4, order).mean())
    assert fit_ngram(noise[:800], noise[800:], by_order, vocabulary=4).order == 2


@pytest.mark.parametrize(("fifth", "chosen"), [(1.0009, [5, 4, 3, 2]), (1.002, [6, 5, 4, 3, 2])])
def test_the_shortest_order_that_is_about_the_best_comes_first(fifth: float, chosen: list[int]) -> None:
    by_order = dict(zip(ORDERS, (3.0, 2.0, 1.5, fifth, 1.0, 1.0, 1.1), strict=True))
    assert shortest_orders(by_order) == chosen
