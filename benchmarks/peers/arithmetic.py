"""The arithmetic of the figures: medians, floating-point operations, shares of the machine's limit."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

from recurra.kernel.layout import GATES

EMBEDDING, HIDDEN, DIRECTIONS = 128, 64, 2
"""The network of every engine: Embedding(20,000, 128) -> both ways(64) -> one unit."""


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return {"median", "min", "max", "rounds"}, to four digits."""
    return {
        "median": rounded(statistics.median(values)),
        "min": rounded(min(values)),
        "max": rounded(max(values)),
        "rounds": len(values),
    }


def rounded(value: float, digits: int = 4) -> float:
    """Return `value` to so many significant digits."""
    return 0.0 if value == 0 else round(value, digits - 1 - math.floor(math.log10(abs(value))))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of `values` that at least `share` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def rates(rounds: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the spread of items a second. rounds: {"items", "seconds"} each."""
    return spread([each["items"] / each["seconds"] for each in rounds])


def flops(cell: str, tokens: int, *, training: bool, distinct: float = 1.0) -> float:
    """Return the floating-point operations of one review in the matrix products of the network.

    cell: "rnn", "gru", "lstm" (G = 1, 3, 4 gates). One token costs each direction 2*G*H*D for the projection of its
    word and 2*G*H*H for the step; the head costs 2*2H once. A product counts a multiplication and an addition.
    Training costs three times as much: forward, the gradient of the inputs, the gradient of the weights.

    distinct: the share of a batch's tokens that are distinct words. A word has one projection however often it occurs
    in a batch, so `distinct` below 1 counts what has to be computed, and 1 what is computed the usual way.
    Element-wise work, the look-up and the optimiser are not counted: they are no part of what a product's limit bounds.
    """
    rows = GATES[cell] * HIDDEN
    token = DIRECTIONS * (2 * rows * EMBEDDING * distinct + 2 * rows * HIDDEN)
    forward = tokens * token + 2 * DIRECTIONS * HIDDEN
    return forward * (3 if training else 1)


def limit_share(rate: float, flops_each: float, ceiling: float) -> float:
    """Return which share of the machine's limit `rate` items a second take. ceiling: operations a second."""
    return rounded(rate * flops_each / ceiling, 3)


def growth(smaller: float, larger: float, times: float) -> float:
    """Return by how much the cost of one unit grew while there were `times` as many: 1 is linear."""
    return rounded(larger / smaller / times, 3)
