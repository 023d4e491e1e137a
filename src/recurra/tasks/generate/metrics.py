"""How well a writing model foresees a text, from the surprise of each of its symbols."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.block_bootstrap import block_interval

Floats = NDArray[np.floating]


def foresight(nats: Floats, characters: int | None, seed: int = 0) -> dict[str, Any]:
    """Return scores with 95 % intervals by block bootstrap.

    nats: [N] -log p of each symbol in the order of the text. characters: of that text; None where it cannot be rebuilt
    from the symbols (unknown words), so that a score per character would flatter.
    nats_per_symbol, perplexity (e to its power), and where `characters` is given nats_per_char and bits_per_char.
    """
    mean = float(nats.mean(dtype=np.float64))
    interval = block_interval(nats, seed)
    found: dict[str, Any] = {}
    if characters is not None:
        share = len(nats) / characters
        for name, factor in (("nats_per_char", share), ("bits_per_char", share / math.log(2))):
            found[name] = mean * factor
            found[f"{name}_ci95"] = [end * factor for end in interval]
    found["perplexity"] = math.exp(mean)
    found["perplexity_ci95"] = [math.exp(end) for end in interval]
    found["nats_per_symbol"] = mean
    found["nats_per_symbol_ci95"] = list(interval)
    return found


def compared(nats: Floats, other: Floats, seed: int = 0) -> dict[str, Any]:
    """Return by how much `other` is more surprised than `nats` by the same symbols, in nats a symbol, and its interval.

    Whole blocks of the text are drawn again, the same for both, so what makes a passage hard for both cancels.
    """
    difference = other.astype(np.float64) - nats
    return {
        "difference": float(difference.mean()),
        "difference_ci95": list(block_interval(difference, seed)),
    }


RUN = 30
"""Characters of a run that is looked up in the training text."""
STEP = 5
SEARCHED = 20_000_000
"""Characters of the training text that are looked through."""


def copied(text: str, training: str) -> float:
    """Return the share of the runs of `RUN` characters in `text`, one at every fifth place, that `training` holds."""
    runs = [text[start : start + RUN] for start in range(0, max(1, len(text) - RUN), STEP)]
    searched = training[:SEARCHED]
    return sum(run in searched for run in runs) / len(runs)
