"""The intervals of a model as its manifest states them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from recurra.errors import ArtefactError
from recurra.evaluation.conformal import ConformalIntervals
from recurra.storage.model_directory import MANIFEST

MOST_GROUPS = 1_000


def stated(intervals: ConformalIntervals) -> dict[str, Any]:
    """Return the intervals as plain values, for "intervals" among the metrics of a manifest."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(intervals).items()}


def intervals_of(metrics: Mapping[str, Any]) -> ConformalIntervals:
    """Return the intervals that the metrics of a manifest state. Raises ArtefactError where they are none."""
    plain = metrics.get("intervals")
    if isinstance(plain, Mapping) and _sound(plain):
        return ConformalIntervals(
            level=float(plain["level"]),
            edges=tuple(map(float, plain["edges"])),
            widths=tuple(map(float, plain["widths"])),
            lowest=float(plain["lowest"]),
            highest=float(plain["highest"]),
        )
    raise ArtefactError(
        f"{MANIFEST} does not state the intervals of a model that answers with numbers. Copy the whole model again, or "
        "train it again."
    )


def _sound(plain: Mapping[str, Any]) -> bool:
    """Return whether values are intervals: of the right kind and size, in order, and finite."""
    lists = [plain.get(name) for name in ("edges", "widths")]
    if not all(isinstance(values, list) and len(values) <= MOST_GROUPS for values in lists):
        return False
    edges, widths = lists
    numbers = [plain.get("level"), plain.get("lowest"), plain.get("highest"), *(edges or []), *(widths or [])]
    if not all(type(value) in (int, float) and math.isfinite(value) for value in numbers):
        return False
    return (
        0 < plain["level"] < 1
        and plain["lowest"] <= plain["highest"]
        and len(plain["widths"]) == len(plain["edges"]) + 1
        and min(plain["widths"]) >= 0
        and all(low < high for low, high in pairwise(plain["edges"]))
    )
