"""How an answer is made of the probabilities of classes: the likeliest, or by a threshold, or none at all.

Of two classes, one may be answered from another probability than a half: from the one that is best for F1, for balanced
accuracy, or for the costs of both mistakes. It is chosen on validation rows. The best cut of a few rows jumps from one
draw of them to the next; the median of the best cuts of many draws does not.

Of any number of classes, an answer may be withheld where the likeliest one is not likely enough (Chow, 1970: On optimum
recognition error and reject tradeoff).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.evaluation.intervals import wilson
from recurra.evaluation.metric import Floats, Integers

NONE = -1
"""The index of no class."""
HALF = 0.5
EDGE = 1e-6
"""A threshold lies so far from 0 and 1 at least."""
DRAWS = 200
"""Draws of the validation rows, of whose best thresholds the median is taken."""
POINTS = 60
"""Points of a curve of coverage."""


@dataclass(frozen=True)
class Goal:
    """What a threshold is to be best at.

    name: "f1", "balanced-accuracy" or "cost"; missed, false: of "cost", what a row of the class costs that is not
    answered with it, and what one of the other class costs that is.
    """

    name: str
    missed: float = 1.0
    false: float = 1.0

    @property
    def words(self) -> str:
        """What it is, for a reader."""
        if self.name == "cost":
            return f"the cost of mistakes ({self.missed:g} for a missed one, {self.false:g} for a false one)"
        return {"f1": "F1", "balanced-accuracy": "balanced accuracy"}[self.name]

    @property
    def written(self) -> str:
        """What it is, as it is given."""
        return f"{self.missed:g}:{self.false:g}" if self.name == "cost" else self.name

    @classmethod
    def of(cls, given: str) -> Self:
        """Return what `given` names: f1, balanced-accuracy, or MISSED:FALSE. Raises ValueError for anything else."""
        if given in ("f1", "balanced-accuracy"):
            return cls(given)
        missed, _, false = given.partition(":")
        try:
            costs = float(missed), float(false)
        except ValueError:
            costs = (0.0, 0.0)
        if not all(np.isfinite(cost) and cost > 0 for cost in costs):
            raise ValueError(
                f"cannot be {given!r}: it is f1, balanced-accuracy, or two costs such as 5:1, of a missed row and of a "
                "false one"
            )
        return cls("cost", *costs)

    def values(self, hits: Floats, false: Floats, positives: Floats, negatives: Floats) -> Floats:
        """Return how good cuts are, the more the better. hits, false: rows of the class and of the other one that are
        answered with the class; positives, negatives: how many there are."""
        if self.name == "f1":
            return np.asarray(2 * hits / np.maximum(hits + false + positives, 1e-12))
        if self.name == "balanced-accuracy":
            right = hits / np.maximum(positives, 1e-12) + (negatives - false) / np.maximum(negatives, 1e-12)
            return np.asarray(right / 2)
        return np.asarray(-(self.missed * (positives - hits) + self.false * false) / (positives + negatives))


@dataclass(frozen=True)
class Decision:
    """positive: of two classes, the index of the one that is answered from `threshold` on; None: the likeliest class is
    answered. abstain: no class is answered where the likeliest one has less than this probability."""

    positive: int | None = None
    threshold: float = HALF
    abstain: float = 0.0

    def chosen(self, probabilities: NDArray[np.floating[Any]]) -> Integers:
        """Return the index of each row's class [N], whether or not it is likely enough. probabilities: [N, K]."""
        if self.positive is None:
            return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
        return np.where(probabilities[:, self.positive] >= self.threshold, self.positive, 1 - self.positive)

    def answered(self, probabilities: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
        """Return whether each row gets an answer [N]."""
        return np.asarray(probabilities.max(axis=1) >= self.abstain)

    def answers(self, probabilities: NDArray[np.floating[Any]]) -> Integers:
        """Return the index of each row's class [N], `NONE` where none is answered."""
        return np.where(self.answered(probabilities), self.chosen(probabilities), NONE)

    @property
    def plain(self) -> bool:
        """Whether the likeliest class is always the answer."""
        return self.positive is None and not self.abstain

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"positive": self.positive, "threshold": self.threshold, "abstain": self.abstain}

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None, classes: int) -> Self:
        """Return what `to_dict` returned, or the likeliest class of None. Raises ValueError for what it cannot return
        for so many classes."""
        if plain is None:
            return cls()
        positive, threshold, abstain = (plain.get(name) for name in ("positive", "threshold", "abstain"))
        sound = (
            (positive is None or (type(positive) is int and positive in (0, 1) and classes == 2))
            and isinstance(threshold, float)
            and 0 < threshold < 1
            and isinstance(abstain, float)
            and 0 <= abstain < 1
        )
        if not sound:
            raise ValueError(f"{dict(plain)} is no decision about {classes} classes")
        assert isinstance(threshold, float) and isinstance(abstain, float)  # for the type checker
        return cls(positive, threshold, abstain)


def choose_threshold(
    chances: ArrayLike, positive: ArrayLike, goal: Goal, weights: ArrayLike | None = None, seed: int = 0
) -> float:
    """Return the threshold that is best for a goal on validation rows: the median of those of DRAWS draws of them.

    chances: [N], the probability of the class; positive: [N], whether a row is of it; weights: [N], by which rows
    count. 0.5 where the rows are of one class alone.
    """
    scores, truth = np.asarray(chances, dtype=np.float64), np.asarray(positive, dtype=np.bool_)
    if truth.all() or not truth.any():
        return HALF
    own = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    ranked, sign, mass = scores[order], truth[order], own[order]
    rng, found = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        drawn = mass * rng.multinomial(len(ranked), np.full(len(ranked), 1 / len(ranked)))
        if drawn[sign].any() and drawn[~sign].any():
            found.append(_best_cut(ranked, sign, drawn, goal))
    return float(np.clip(np.median(found), EDGE, 1 - EDGE)) if found else HALF


def threshold_value(chances: ArrayLike, positive: ArrayLike, goal: Goal, threshold: float) -> float:
    """Return how good a threshold is on rows, by `Goal.values`."""
    said, truth = np.asarray(chances) >= threshold, np.asarray(positive, dtype=np.bool_)
    counts = [(said & truth).sum(), (said & ~truth).sum(), truth.sum(), (~truth).sum()]
    return float(goal.values(*(np.array([float(count)]) for count in counts))[0])


def _best_cut(ranked: Floats, sign: NDArray[np.bool_], mass: Floats, goal: Goal) -> float:
    """Return the best cut between two different scores, of all that are equally good the one nearest to a half.

    ranked: falling [N]; sign: whether a row is of the class; mass: by which it counts.
    """
    hits, false = np.cumsum(np.where(sign, mass, 0)), np.cumsum(np.where(sign, 0, mass))
    values = goal.values(hits, false, hits[-1:], false[-1:])
    below = np.r_[ranked[1:], 0.0]
    apart = ranked > below
    apart[-1] = True
    cuts, worth = ((ranked + below) / 2)[apart], values[apart]
    if ranked[0] < 1:  # above all of them
        cuts = np.r_[(1 + ranked[0]) / 2, cuts]
        worth = np.r_[goal.values(np.zeros(1), np.zeros(1), hits[-1:], false[-1:]), worth]
    best = np.flatnonzero(worth >= worth.max() - 1e-12)
    return float(cuts[best[np.argmin(np.abs(cuts[best] - HALF))]])


def coverage(probabilities: NDArray[np.floating[Any]], correct: NDArray[np.bool_], at: float) -> dict[str, Any]:
    """Return what withholding answers below a probability brings.

    probabilities: [N, K]; correct: [N], whether the answer would be right. at: the probability.
    Returns probability, rows (that are answered), coverage (their share), accuracy and accuracy_ci95 (of them; None
    without rows), and curve: points of (probability, coverage, accuracy) from all rows down to the surest ones.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    ends = np.flatnonzero(np.r_[ranked[1:] < ranked[:-1], True])  # rows of one confidence come together
    right = np.cumsum(correct[order])
    wanted = np.unique(np.linspace(0, len(ends) - 1, POINTS).round().astype(np.int64))
    curve = [
        {
            "probability": float(ranked[end]),
            "coverage": (int(end) + 1) / len(ranked),
            "accuracy": float(right[end]) / (int(end) + 1),
        }
        for end in ends[wanted][::-1]
    ]
    answered = confidence >= at
    rows, hits = int(answered.sum()), int(correct[answered].sum())
    return {
        "probability": at,
        "rows": rows,
        "coverage": rows / len(confidence),
        "accuracy": hits / rows if rows else None,
        "accuracy_ci95": list(wilson(hits, rows)) if rows else None,
        "curve": curve,
    }
