"""Connectionist temporal classification (CTC): from log-probabilities of symbols at each step to text, and back.

Symbol 0 is the blank. A path is a symbol at each step; its text is what remains when repeats are merged and blanks then
removed. The probability of a text is the sum over its paths. Source: Graves, Fernández, Gomez and Schmidhuber, 2006,
Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural networks.
The beam search over texts is in `beam_search.py`.

Arrays: log_probs is [T, K], natural logarithms, T >= 0 steps and K symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.tasks.transcribe.alphabet import BLANK

_IMPOSSIBLE = -1e6

Floats = NDArray[np.float32] | NDArray[np.float64]
Symbols = Sequence[int] | NDArray[np.int64]


@dataclass(frozen=True)
class Decoded:
    """A text and where it was heard.

    Attributes:
        symbols: [L] int64, none of them blank.
        spans: [L, 2] int64, the first step of each symbol and one more than its last.
        scores: [L] float64, the highest probability of each symbol within its span, 0..1.
        log_probability: of the text, or for `greedy` of its likeliest path alone, which is less.
    """

    symbols: NDArray[np.int64]
    spans: NDArray[np.int64]
    scores: NDArray[np.float64]
    log_probability: float


def greedy(log_probs: Floats) -> Decoded:
    """Return the text of the likeliest path: the likeliest symbol at each step."""
    if not len(log_probs):
        return decoded(log_probs, [], np.zeros((0, 2), dtype=np.int64), 0.0)
    path = log_probs.argmax(axis=1)
    starts = np.flatnonzero(np.r_[True, path[1:] != path[:-1]])
    ends = np.r_[starts[1:], len(path)]
    real = path[starts] != BLANK
    spans = np.stack([starts[real], ends[real]], axis=1)
    total = float(log_probs.max(axis=1).sum(dtype=np.float64))
    return decoded(log_probs, path[starts[real]], spans, total)


def decoded(log_probs: Floats, symbols: Symbols, spans: NDArray[np.int64], log_probability: float) -> Decoded:
    """Return symbols [L] with their spans [L, 2] and the scores that `log_probs` gives them there."""
    numbers = np.asarray(symbols, dtype=np.int64)
    best = [log_probs[start:end, symbol].max() for symbol, (start, end) in zip(numbers, spans.tolist(), strict=True)]
    return Decoded(numbers, spans, np.exp(np.array(best, dtype=np.float64)), log_probability)


def steps_needed(symbols: Symbols) -> int:
    """Return the fewest steps with a path for `symbols` [L]: one each, and a blank between equal neighbours."""
    numbers = np.asarray(symbols, dtype=np.int64)
    return len(numbers) + int((numbers[1:] == numbers[:-1]).sum())


def log_likelihood(log_probs: Floats, symbols: Symbols) -> float:
    """Return the log-probability of a text of `symbols` [L], the sum over its paths; -inf where T is too small."""
    return float(log_likelihoods(log_probs, [symbols])[0])


def log_likelihoods(log_probs: Floats, texts: Sequence[Symbols]) -> NDArray[np.float64]:
    """Return the log-probability [N] of each of N texts of the same log_probs, together: see `log_likelihood`."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    states = np.zeros((len(texts), 2 * int(lengths.max(initial=0)) + 1), dtype=np.int64)  # blank, symbol, blank, ...
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = text
    alone = np.full(states.shape, -np.inf)
    alone[:, 0] = 0.0  # before the first step, nothing was written
    if not len(log_probs):
        return np.asarray(np.where(lengths == 0, 0.0, -np.inf))
    skips = _skips(states)
    total = alone
    for of_step in np.asarray(log_probs, dtype=np.float64):
        moved = np.logaddexp(total[:, 1:], total[:, :-1])
        skipped = np.where(skips[:, 2:], total[:, :-2], -np.inf)
        total = np.concatenate([total[:, :1], moved[:, :1], np.logaddexp(moved[:, 1:], skipped)], axis=1)
        total += of_step[states]
    rows = np.arange(len(texts))
    last = total[rows, 2 * lengths]
    return np.asarray(np.where(lengths > 0, np.logaddexp(last, total[rows, 2 * lengths - 1]), last))


def align(log_probs: Floats, symbols: Symbols) -> NDArray[np.int64]:
    """Return the spans [L, 2] of `symbols` [L] on their likeliest path: first step and one more than the last.

    Raises DataError where T is less than `steps_needed`.
    """
    numbers = np.asarray(symbols, dtype=np.int64)
    if len(log_probs) < (needed := steps_needed(numbers)):
        raise DataError(
            f"{len(numbers)} symbols need at least {needed} steps, and the sound has {len(log_probs)}: it is too short "
            "for this text."
        )
    if not len(numbers):
        return np.zeros((0, 2), dtype=np.int64)
    states = np.zeros((1, 2 * len(numbers) + 1), dtype=np.int64)
    states[0, 1::2] = numbers
    skips, states = _skips(states)[0], states[0]
    scores = np.maximum(log_probs, _IMPOSSIBLE)  # so that there is a path
    came_from = np.zeros((len(log_probs), len(states)), dtype=np.int8)  # how many states back
    total = np.full(len(states), -np.inf)
    total[:2] = scores[0, states[:2]]
    for step in range(1, len(log_probs)):
        candidates = np.full((3, len(states)), -np.inf)
        candidates[0] = total
        candidates[1, 1:] = total[:-1]
        candidates[2, 2:] = np.where(skips[2:], total[:-2], -np.inf)
        came_from[step] = candidates.argmax(axis=0)
        total = candidates.max(axis=0) + scores[step, states]
    state = len(states) - 1 - int(total[-2] > total[-1])
    path = np.zeros(len(log_probs), dtype=np.int64)
    for step in range(len(log_probs) - 1, -1, -1):
        path[step] = state
        state -= int(came_from[step, state])
    wanted = np.arange(1, len(states), 2)
    return np.stack([np.searchsorted(path, wanted), np.searchsorted(path, wanted, side="right")], axis=1)


def _skips(states: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each of the states [N, S] may follow that two before it: not a blank, and another symbol."""
    skips = np.zeros(states.shape, dtype=bool)
    skips[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])
    return skips
