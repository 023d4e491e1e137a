"""Which kinds of smoothings an anchor rests on: the share of the weight that each kind has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.forecast.anchor import Blend
from recurra.tasks.forecast.smoothing import Parameters

Floats = NDArray[np.float64]

SLOW, FAST = 0.1, 0.7
"""alpha of a slow level is at most, and of a fast one at least."""


def _trend(one: Parameters) -> str:
    if one.trend.line:
        return "line"
    return "none" if not one.trend.damping else "damped" if one.trend.damping < 1 else "steady"


def _season(one: Parameters) -> str:
    return "none" if one.season is None else "fixed" if one.season == 0 else "changing"


def _level(one: Parameters) -> str:
    return "slow" if one.level <= SLOW else "fast" if one.level >= FAST else "medium"


ASPECTS: Mapping[str, Callable[[Parameters], str]] = {
    "trend": _trend,
    "season": _season,
    "scale": lambda one: "logarithms" if one.log else "values",
    "level": _level,
}
"""What smoothings differ in, and the kind of each."""
KINDS: Mapping[str, tuple[str, ...]] = {
    "trend": ("none", "damped", "steady", "line"),
    "season": ("none", "fixed", "changing"),
    "scale": ("values", "logarithms"),
    "level": ("slow", "medium", "fast"),
}
"""In the order in which they are told."""


@dataclass(frozen=True)
class KindWeight:
    """The smoothings of one kind. weight: their share of all weight; forecast: [H], their weighted mean, None where
    they have no weight at all."""

    aspect: str
    kind: str
    weight: float
    forecast: Floats | None


def kind_weights(blend: Blend) -> list[KindWeight]:
    """Return the weight of each kind that there is; those of an aspect sum to 1."""
    found = []
    for aspect, kind_of in ASPECTS.items():
        kinds = np.array([kind_of(one) for one in blend.smoothings])
        for kind in KINDS[aspect]:
            rows = kinds == kind
            if not rows.any():
                continue
            weight = 1.0 if rows.all() else float(blend.weights[rows].sum())
            said = blend.weights[rows] @ blend.forecasts[rows] / weight if weight > 0 else None
            found.append(KindWeight(aspect, kind, weight, said))
    return found
