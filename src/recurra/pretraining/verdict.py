"""What the measure of a base says of it, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def verdict(test: Mapping[str, Any]) -> str:
    """Return what to do where a base foretells words no better than their counts do; "" where it is better.

    test: "test" of metrics.json.
    """
    if test["perplexity"] < test["perplexity_by_counts"]:
        return ""
    return (
        "It foretells words no better than counting them does, so hardly anything was learnt: give it more texts, or "
        "more --epochs."
    )
