"""Which metrics a training history holds, and which of them are shares.

An entry for each epoch: `epoch`, `seconds`, and `train_<name>` and `valid_<name>` of "loss" and of every metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHARES = frozenset({"accuracy", "exact_match", "f1", "precision", "recall"})
"""Metrics between 0 and 1, which are written in percent."""


def metric_names(history: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of the metrics besides "loss", each once, in the order of their appearance."""
    names = dict.fromkeys(
        key.removeprefix(part)
        for entry in history
        for part in ("train_", "valid_")
        for key in entry
        if key.startswith(part)
    )
    return [name for name in names if name != "loss"]


def title(name: str) -> str:
    """Return the name of a metric as a reader sees it: "mean absolute error"."""
    return name.replace("_", " ")
