"""What is told of an ensemble: its members, and what it gains over one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def members_in_words(ensemble: Mapping[str, Any]) -> str:
    """Return the accuracy of each member on the held-out rows, and what all of them together gain.

    ensemble: "ensemble" of metrics.json, of a run with held-out rows.
    """
    accuracies = ", ".join(f"{member['accuracy']:.1%}" for member in ensemble["members"])
    gain = ensemble["gain"]
    low, high = gain["difference_ci95"]
    return (
        f"{accuracies}; together {100 * gain['difference']:+.1f} points against their mean "
        f"(95 % interval {100 * low:+.1f} to {100 * high:+.1f}, p = {gain['p_value']:.2g})"
    )


def members_sentence(ensemble: Mapping[str, Any]) -> str:
    """Return a sentence on what the model is the mean of, with the accuracies where rows were held out."""
    seeds = [member["seed"] for member in ensemble["members"]]
    what = f"The mean of {len(seeds)} networks, trained on the same rows with the seeds {seeds[0]} to {seeds[-1]}."
    return f"{what} Accuracy of each alone: {members_in_words(ensemble)}." if ensemble["gain"] else what
