"""Medians, shares of the limit and floating-point operations, against independent counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers import arithmetic
from peers.task import rounds_of

torch = pytest.importorskip("torch")

values = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40)


@given(values)
def test_a_spread_is_median_least_and_most(found: list[float]) -> None:
    spread = arithmetic.spread(found)
    assert spread["rounds"] == len(found)
    assert spread["median"] == pytest.approx(float(np.median(found)), rel=1e-3)
    assert spread["min"] == pytest.approx(min(found), rel=1e-3) and spread["max"] == pytest.approx(max(found), rel=1e-3)


@given(values, st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_percentile_is_numpys_inverted_distribution(found: list[float], share: float) -> None:
    expected = np.percentile(np.array(found), 100 * share, method="inverted_cdf")
    assert arithmetic.percentile(found, share) == expected


@pytest.mark.parametrize(("value", "digits", "expected"), [(0.0, 4, 0.0), (1234.56, 4, 1235), (0.0123456, 3, 0.0123)])
def test_rounding_keeps_significant_digits(value: float, digits: int, expected: float) -> None:
    assert arithmetic.rounded(value, digits) == expected


def test_rates_are_items_by_seconds_of_each_round() -> None:
    rounds = [{"items": 640, "seconds": 2.0}, {"items": 640, "seconds": 1.0}, {"items": 320, "seconds": 1.0}]
    assert arithmetic.rates(rounds) == {"median": 320, "min": 320, "max": 640, "rounds": 3}


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_operations_are_those_that_torch_counts(cell: str) -> None:
    """Every product of a hand-written walk over both directions, forward and backward, counted as it is done."""
    from torch.utils.flop_counter import FlopCounterMode

    tokens, width, hidden = 7, arithmetic.EMBEDDING, arithmetic.HIDDEN
    rows = {"rnn": 1, "gru": 3, "lstm": 4}[cell] * hidden
    weights = [
        (torch.randn(rows, width, requires_grad=True), torch.randn(rows, hidden, requires_grad=True)) for _ in range(2)
    ]
    head = torch.randn(1, 2 * hidden, requires_grad=True)
    words = torch.randn(tokens, width, requires_grad=True)

    def walk() -> torch.Tensor:
        last = []
        for from_word, from_state in weights:
            projected = words @ from_word.T
            state = torch.randn(1, hidden, requires_grad=True)
            for step in range(tokens):
                gates = projected[step : step + 1] + state @ from_state.T
                state = gates.reshape(1, -1, hidden).sum(1)
            last.append(state)
        return torch.cat(last, dim=1) @ head.T

    with FlopCounterMode(display=False) as forward:
        walk()
    assert arithmetic.flops(cell, tokens, training=False) == forward.get_total_flops()
    with FlopCounterMode(display=False) as both:
        walk().sum().backward()
    assert arithmetic.flops(cell, tokens, training=True) == both.get_total_flops()


def test_operations_of_the_benchmarks_network() -> None:
    """About 118 million for a review of 200 tokens, about 50 where a word is projected once."""
    assert arithmetic.flops("lstm", 200, training=True) == pytest.approx(118e6, rel=0.01)
    assert arithmetic.flops("lstm", 200, training=True, distinct=0.12) == pytest.approx(49e6, rel=0.02)
    cells = [arithmetic.flops(cell, 200, training=True) for cell in ("rnn", "gru", "lstm")]
    assert cells == sorted(cells)


def test_a_share_of_the_limit() -> None:
    assert arithmetic.limit_share(1_000, 118e6, 236e9) == 0.5


def test_growth_is_the_cost_of_one_over_that_of_the_first() -> None:
    assert arithmetic.growth(2.0, 32.0, 16) == 1.0
    assert arithmetic.growth(2.0, 40.0, 16) == 1.25


@given(st.floats(0.01, 10), st.floats(1e-5, 20))
def test_rounds_fill_their_time(seconds: float, each: float) -> None:
    count = rounds_of(seconds, each)
    assert count >= 2 and (count == 2 or math.isclose(count * each, seconds, abs_tol=each))
