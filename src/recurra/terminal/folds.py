"""Cross-validation in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.terminal.history import SHARES, title


def scores_in_words(scores: Mapping[str, float]) -> str:
    """Return the scores of one fold: "accuracy 95.0%, MAE 1.2"."""
    return ", ".join(
        f"{title(name)} {f'{value:.1%}' if name in SHARES else f'{value:.4g}'}" for name, value in scores.items()
    )


def in_words(found: Mapping[str, Any]) -> str:
    """Return the spread of the first score over the folds. found: "folds" of metrics.json."""
    name, score = next(iter(found["scores"].items()))
    share = name in SHARES
    form = "{:.1%}" if share else "{:.4g}"
    values = ", ".join(form.format(value) for value in score["values"])
    mean, spread = form.format(score["mean"]), f"{100 * score['sd']:.1f} points" if share else f"{score['sd']:.2g}"
    return (
        f"Folds: {found['folds']}, with a mean {title(name)} of {mean} and a standard deviation of {spread} ({values})"
    )
