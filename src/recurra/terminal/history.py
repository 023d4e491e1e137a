"""Which metrics a training history holds, and which of them are shares.

An entry for each epoch: `epoch`, `seconds`, and `train_<name>` and `valid_<name>` of "loss" and of every metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHARES = frozenset({"accuracy", "cer", "exact_match", "f1", "micro_f1", "precision", "recall", "wer"})
"""Metrics that are written in percent."""
TITLES = {"cer": "character error rate", "micro_f1": "micro F1", "wer": "word error rate"}
"""What abbreviations stand for."""


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
    return TITLES.get(name, name.replace("_", " "))
