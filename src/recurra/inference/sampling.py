"""Sample the next symbol from logits: temperature, top-k and top-p (nucleus) sampling.

Source of top-p: Holtzman et al., 2020, The curious case of neural text degeneration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.options.arguments import check_number, check_whole

GREEDY = (
    "At temperature 0 the likeliest symbol is always taken, and top_k and top_p do nothing: leave them out, or give a "
    "temperature above 0."
)


@dataclass(frozen=True)
class Sampling:
    """How symbols are sampled.

    temperature: divides the logits: below 1 prefers likely symbols, above 1 evens them out; 0 always takes the
    likeliest. top_k: sample from the k likeliest alone. top_p: sample from the fewest symbols whose probabilities add
    up to this share. Where both are given, top_k applies first.
    Raises OptionError for values out of range, and for top_k or top_p at temperature 0.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        check_number(self.temperature, "The temperature")
        if self.top_k is not None:
            check_whole(self.top_k, "top_k")
        if self.top_p is not None:
            check_number(self.top_p, "top_p")
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise OptionError(
                f"The temperature must be 0 (always the likeliest symbol) or larger; got {self.temperature}. Try 0.8."
            )
        if self.top_k is not None and self.top_k < 1:
            raise OptionError(f"top_k must be at least 1; got {self.top_k}. Leave it out to draw from all symbols.")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise OptionError(
                f"top_p must be above 0 and at most 1; got {self.top_p}. Leave it out to draw from all symbols."
            )
        if self.temperature == 0 and (self.top_k is not None or self.top_p is not None):
            raise OptionError(GREEDY)

    def draw(self, logits: NDArray[np.float32], rng: np.random.Generator) -> int:
        """Return the id of a symbol. logits: [V]; one that is -inf is never drawn."""
        if self.temperature == 0:
            return int(logits.argmax())
        with np.errstate(over="ignore"):
            scores = (logits.astype(np.float64) - logits.max()) / self.temperature
        symbols: NDArray[np.intp] | None = None  # what the scores are of; None: of all symbols
        if self.top_k is not None and self.top_k < len(scores):
            symbols = np.argpartition(scores, -self.top_k)[-self.top_k :]
            scores = scores[symbols]
        weights = np.exp(scores)
        if self.top_p is not None and self.top_p < 1:
            order = np.argsort(-weights, kind="stable")
            running = np.cumsum(weights[order])
            order = order[: int(np.searchsorted(running, self.top_p * running[-1])) + 1]
            symbols = order if symbols is None else symbols[order]
            weights = weights[order]
        running = np.cumsum(weights)
        drawn = min(int(np.searchsorted(running, rng.random() * running[-1], side="right")), len(running) - 1)
        return drawn if symbols is None else int(symbols[drawn])


def seeded(seed: int | None) -> np.random.Generator:
    """Return a source of random numbers, another each time for None. Raises OptionError for a seed below 0."""
    if seed is not None:
        check_whole(seed, "The seed")
    if seed is not None and seed < 0:
        raise OptionError(f"The seed must be 0 or larger; got {seed}.")
    return np.random.default_rng(seed)
