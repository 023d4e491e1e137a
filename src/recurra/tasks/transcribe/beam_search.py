"""The likeliest text of log-probabilities by prefix beam search, with a closed list of words or a language model.

Each candidate is the beginning of a text, with the log-probability of the paths so far that end in a blank and of those
that end in its last symbol. A beginning has one shorter beginning, so that a new candidate has one source; what
is already in the beam also gains from its shorter beginning. Without a cut (a wide enough beam) the answer is exact.
Sources: Graves, 2012, Supervised sequence labelling with recurrent neural networks, section 7.5; Hannun, Maas, Jurafsky
and Ng, 2014, First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from recurra.tasks.transcribe.alphabet import BLANK
from recurra.tasks.transcribe.ctc import Decoded, Floats, align, decoded

WIDTH = 16
WIDER = 16
"""How many times as wide a beam is tried where no text of the first one satisfies the constraint."""
NEVER = -math.inf


class Constraint(Protocol):
    """Which texts there are: an automaton over symbols. A state is a number; `start` is that of the empty text."""

    start: int

    def step(self, state: int, symbol: int, /) -> int | None:
        """Return the state after one more symbol; None where no text begins so."""
        ...

    def final(self, state: int, /) -> bool:
        """Return whether a text may end here."""
        ...


class Scorer(Protocol):
    """What is added to the log-probability of a text for its words. A state is any hashable value.

    most: no symbol, and no end, adds more than this.
    """

    start: Hashable
    most: float

    def step(self, state: Hashable, symbol: int, /) -> tuple[Hashable, float]:
        """Return the state after one more symbol, and what the symbol adds."""
        ...

    def final(self, state: Hashable, /) -> float:
        """Return what is added where a text ends here."""
        ...


@dataclass(frozen=True)
class Hypothesis:
    """One text of a beam. log_probability: of its paths that were kept; score: the same with the language model's."""

    symbols: tuple[int, ...]
    log_probability: float
    score: float


def beam_search(
    log_probs: Floats,
    width: int = WIDTH,
    constraint: Constraint | None = None,
    language_model: Scorer | None = None,
) -> Decoded:
    """Return the best text, aligned. log_probs: [T, K]; width: candidates kept at each step, >= 1.

    Where the constraint allows no text of T steps, the empty one: nothing was understood.
    """
    found = hypotheses(log_probs, width, constraint, language_model)
    best = found[0] if found else Hypothesis((), float(log_probs[:, BLANK].sum(dtype=np.float64)), NEVER)
    return decoded(log_probs, best.symbols, align(log_probs, best.symbols), best.log_probability)


def hypotheses(
    log_probs: Floats,
    width: int = WIDTH,
    constraint: Constraint | None = None,
    language_model: Scorer | None = None,
) -> list[Hypothesis]:
    """Return the texts of the last beam, best first, at most `width`; none where the constraint allows none."""
    found = _search(log_probs, width, constraint, language_model)
    if not found and constraint is not None:  # every candidate is in the midst of a word
        found = _search(log_probs, width * WIDER, constraint, language_model)
    return found[:width]


@dataclass
class _Prefixes:
    """All beginnings of texts that were looked at, by number; 0 is the empty one."""

    constraint: Constraint | None
    scorer: Scorer | None
    parents: list[int] = field(default_factory=lambda: [-1])
    symbols: list[int] = field(default_factory=lambda: [BLANK])
    children: list[dict[int, int]] = field(default_factory=lambda: [{}])
    allowed: list[int] = field(init=False)
    words: list[Hashable] = field(init=False)
    added: list[float] = field(default_factory=lambda: [0.0])

    def __post_init__(self) -> None:
        self.allowed = [0 if self.constraint is None else self.constraint.start]
        self.words = [None if self.scorer is None else self.scorer.start]

    def child(self, prefix: int, symbol: int) -> int:
        """Return the number of a beginning with one more symbol; -1 where the constraint has none."""
        known = self.children[prefix].get(symbol)
        if known is not None:
            return known
        state = 0 if self.constraint is None else self.constraint.step(self.allowed[prefix], symbol)
        if state is None:
            self.children[prefix][symbol] = -1
            return -1
        word, added = self.words[prefix], self.added[prefix]
        if self.scorer is not None:
            word, more = self.scorer.step(word, symbol)
            added += more
        number = len(self.parents)
        self.parents.append(prefix)
        self.symbols.append(symbol)
        self.children.append({})
        self.allowed.append(state)
        self.words.append(word)
        self.added.append(added)
        self.children[prefix][symbol] = number
        return number

    def text(self, prefix: int) -> tuple[int, ...]:
        """Return the symbols of a beginning."""
        written = []
        while prefix:
            written.append(self.symbols[prefix])
            prefix = self.parents[prefix]
        return tuple(reversed(written))


class Search:
    """A search that reads the steps as they come. width, constraint, language_model: as for `beam_search`."""

    def __init__(
        self, width: int = WIDTH, constraint: Constraint | None = None, language_model: Scorer | None = None
    ) -> None:
        self._width, self._constraint, self._scorer = width, constraint, language_model
        self._most = 0.0 if language_model is None else max(0.0, language_model.most)
        self._prefixes = _Prefixes(constraint, language_model)
        self._beam = [(0, 0.0, NEVER, 0.0)]  # number; log-probability ending in a blank, in the last symbol, in either

    def read(self, log_probs: Floats) -> None:
        """Take in the next steps [T, K]."""
        orders = (np.argsort(-log_probs[:, 1:], axis=1, kind="stable") + 1).tolist()
        for of_step, order in zip(np.asarray(log_probs, dtype=np.float64).tolist(), orders, strict=True):
            self._beam = _step(self._beam, of_step, order, self._prefixes, self._width, self._most)

    def beginning(self) -> tuple[int, ...]:
        """Return the symbols of the best text so far, which may be in the midst of a word of the constraint."""
        added = self._prefixes.added
        return self._prefixes.text(max(self._beam, key=lambda one: one[3] + added[one[0]])[0])

    def found(self) -> list[Hypothesis]:
        """Return the texts of the beam, best first: those that may end here."""
        prefixes, found = self._prefixes, []
        for prefix, _, _, total in self._beam:
            if self._constraint is None or self._constraint.final(prefixes.allowed[prefix]):
                score = total + prefixes.added[prefix]
                if self._scorer is not None:
                    score += self._scorer.final(prefixes.words[prefix])
                found.append(Hypothesis(prefixes.text(prefix), total, score))
        return sorted((one for one in found if one.score > NEVER), key=lambda one: -one.score)


def _search(log_probs: Floats, width: int, constraint: Constraint | None, scorer: Scorer | None) -> list[Hypothesis]:
    search = Search(width, constraint, scorer)
    search.read(log_probs)
    return search.found()


def _step(
    beam: list[tuple[int, float, float, float]],
    of_step: list[float],
    order: list[int],
    prefixes: _Prefixes,
    width: int,
    most: float,
) -> list[tuple[int, float, float, float]]:
    """Return the beam after a step with log-probabilities [K]; order: its symbols, likeliest first."""
    symbols, parents, added = prefixes.symbols, prefixes.parents, prefixes.added
    kept = {prefix: (blank, total) for prefix, blank, _, total in beam}
    candidates = []
    for prefix, _, last, total in beam:
        symbol = symbols[prefix]
        if symbol == BLANK:
            candidates.append((total + of_step[BLANK], prefix, total + of_step[BLANK], NEVER, total + of_step[BLANK]))
            continue
        parent = kept.get(parents[prefix])
        if parent is not None:
            last = _add(last, parent[0] if symbols[parents[prefix]] == symbol else parent[1])
        blank, last = total + of_step[BLANK], last + of_step[symbol]
        total = _add(blank, last)
        candidates.append((total + added[prefix], prefix, blank, last, total))
    # No new candidate below the least of a full beam can stay, and symbols come in order, likeliest first.
    least = min(candidates)[0] if len(candidates) >= width else NEVER
    for prefix, blank, _, total in beam:
        symbol, so_far, own = symbols[prefix], total + added[prefix] + most, prefixes.children[prefix]
        for new in order:
            if so_far + of_step[new] <= least:
                break
            child = own.get(new)
            if child is None:
                child = prefixes.child(prefix, new)
            if child < 0 or child in kept:
                continue
            heard = (blank if new == symbol else total) + of_step[new]
            if heard + added[child] > least:
                candidates.append((heard + added[child], child, NEVER, heard, heard))
    candidates.sort(key=lambda one: -one[0])
    return [(prefix, blank, last, total) for _, prefix, blank, last, total in candidates[:width]]


def _add(one: float, other: float) -> float:
    """Return ln(exp(one) + exp(other))."""
    if one < other:
        one, other = other, one
    return one if other == NEVER else one + math.log1p(math.exp(other - one))
