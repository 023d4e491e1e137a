"""What is told of how a classifier chooses a label: weights of the classes, a threshold, answers that it withholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RARE = 0.1
"""A class with a smaller share of the rows is told how to be found more often."""


def decision_sentences(metrics: Mapping[str, Any]) -> list[str]:
    """Return what is told of it, from metrics.json; nothing where the most probable label is always the answer."""
    sentences = []
    if weights := metrics.get("class_weights"):
        shown = ", ".join(f"{label} {weight:.3g}" for label, weight in list(weights.items())[:12])
        more = f" and {len(weights) - 12} more" if len(weights) > 12 else ""
        sentences.append(
            f"Rows counted by their class in training: {shown}{more}. Its probabilities are those of classes so "
            "weighted."
        )
    decision = metrics.get("decision") or {}
    if decision.get("positive") is not None:
        sentences.append(
            f"{decision['label']} is answered from a probability of {decision['threshold']:.3f} on, chosen for "
            f"{decision['goal_in_words']} on {decision['rows']:,} validation rows, {decision['positive_rows']:,} of "
            f"them {decision['label']}: {_value(decision, 'value')} there, against {_value(decision, 'value_at_half')} "
            "from a half on."
        )
    withheld = (metrics.get("test") or {}).get("abstention") or {}
    if decision.get("abstain") and withheld:
        right = "" if withheld["accuracy"] is None else f", and {withheld['accuracy']:.1%} of the answers are right"
        sentences.append(
            f"It answers where the most probable label has {decision['abstain']:.0%} or more: "
            f"{withheld['coverage']:.1%} of the held-out rows are answered{right}."
        )
    return sentences


def remedy(labels: Sequence[str]) -> str:
    """Return what may help a class that is found too seldom. labels: of the model."""
    weights = "Train with --class-weight balanced, so that rows of a rare class count for more"
    if len(labels) == 2:
        return f"{weights}, or with --tune-threshold f1, which answers the rarer one from a lower probability on."
    return f"{weights}; --abstain 0.8 withholds answers that it is not sure of."


def _value(decision: Mapping[str, Any], name: str) -> str:
    """Return how good a threshold is: a share, or what a row costs on average."""
    value = decision[name]
    return f"{-value:.3f} a row" if ":" in decision["goal"] else f"{value:.1%}"
