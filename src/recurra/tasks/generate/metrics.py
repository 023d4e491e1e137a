"""The scores of a language model on a text, from the surprisal of each of its symbols."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.block_bootstrap import block_interval

Floats = NDArray[np.floating]


def likelihood_scores(nats: Floats, characters: int | None, seed: int = 0) -> dict[str, Any]:
    """Return scores with 95 % intervals by block bootstrap, which are None where the text is too short for one.

    nats: [N] -log p of each symbol in the order of the text. characters: of that text; None where it cannot be rebuilt
    from the symbols (unknown words), so that a score per character would be too good.
    nats_per_symbol, perplexity (e to its power), and where `characters` is given nats_per_char and bits_per_char.
    """
    mean = float(nats.mean(dtype=np.float64))
    interval = block_interval(nats, seed)
    scores: dict[str, Any] = {}
    if characters is not None:
        share = len(nats) / characters
        for name, factor in (("nats_per_char", share), ("bits_per_char", share / math.log(2))):
            scores[name] = mean * factor
            scores[f"{name}_ci95"] = None if interval is None else [end * factor for end in interval]
    scores["perplexity"] = math.exp(mean)
    scores["perplexity_ci95"] = None if interval is None else [math.exp(end) for end in interval]
    scores["nats_per_symbol"] = mean
    scores["nats_per_symbol_ci95"] = None if interval is None else list(interval)
    return scores


def compare_likelihood(nats: Floats, other: Floats, seed: int = 0) -> dict[str, Any]:
    """Return the mean difference `other` - `nats` over the same symbols, in nats per symbol, and its interval, or None.

    Whole blocks of the text are resampled, the same for both, so that the difficulty of a passage cancels out.
    """
    difference = other.astype(np.float64) - nats
    interval = block_interval(difference, seed)
    return {
        "difference": float(difference.mean()),
        "difference_ci95": None if interval is None else list(interval),
    }


def accuracy_scores(right: NDArray[np.bool_], seed: int = 0) -> dict[str, Any]:
    """Return accuracy, the share of symbols [N] that were the likeliest, and its interval, or None."""
    interval = block_interval(right, seed)
    return {"accuracy": float(right.mean()), "accuracy_ci95": None if interval is None else list(interval)}


RUN = 30
"""Characters of a run that is looked up in the training text."""
STEP = 5
SEARCHED = 20_000_000
"""Characters of the training text that are looked through."""


def copied_share(text: str, training: str) -> float:
    """Return the share of the runs of `RUN` characters in `text`, one at every fifth place, that `training` holds."""
    runs = [text[start : start + RUN] for start in range(0, max(1, len(text) - RUN), STEP)]
    searched = training[:SEARCHED]
    return sum(run in searched for run in runs) / len(runs)
