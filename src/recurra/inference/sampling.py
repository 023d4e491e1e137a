"""Draw the next symbol from logits: temperature, the k likeliest, the likeliest that hold a share of the chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError


@dataclass(frozen=True)
class Sampling:
    """How symbols are drawn.

    temperature: divides the logits: below 1 keeps to what is likely, above 1 wanders; 0 always takes the
    likeliest. top_k: draw from the k likeliest alone. top_p: draw from the fewest symbols that together hold this
    share of the chance. Both apply where both are given, k first.
    Raises OptionError for values out of range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
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

    def draw(self, logits: NDArray[np.float32], rng: np.random.Generator) -> int:
        """Return the number of a symbol. logits: [V], some of them may be -inf, which are never drawn."""
        if self.temperature == 0:
            return int(logits.argmax())
        with np.errstate(over="ignore"):
            scores = (logits.astype(np.float64) - logits.max()) / self.temperature
        places: NDArray[np.intp] | None = None
        if self.top_k is not None and self.top_k < len(scores):
            places = np.argpartition(scores, -self.top_k)[-self.top_k :]
            scores = scores[places]
        chances = np.exp(scores)
        if self.top_p is not None and self.top_p < 1:
            order = np.argsort(-chances, kind="stable")
            running = np.cumsum(chances[order])
            order = order[: int(np.searchsorted(running, self.top_p * running[-1])) + 1]
            places = order if places is None else places[order]
            chances = chances[order]
        running = np.cumsum(chances)
        drawn = min(int(np.searchsorted(running, rng.random() * running[-1], side="right")), len(running) - 1)
        return drawn if places is None else int(places[drawn])
