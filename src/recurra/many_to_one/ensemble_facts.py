"""What is told of an ensemble: its members, and what it gains over one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def members_in_words(ensemble: Mapping[str, Any]) -> str:
    """Return the accuracy of each member on the held-out rows, and what all of them together gain.

    ensemble: "ensemble" of metrics.json, of a run with held-out rows.
    """
    accuracies = ", ".join(f"{member['accuracy']:.1%}" for member in ensemble["members"])
    return f"{accuracies}; {gain_in_words(ensemble)}"


def gain_in_words(ensemble: Mapping[str, Any]) -> str:
    """Return what all members gain over one of them on average, with its interval and its chance."""
    gain = ensemble["gain"]
    low, high = gain["difference_ci95"]
    return (
        f"together {100 * gain['difference']:+.1f} points against their mean "
        f"(95 % interval {100 * low:+.1f} to {100 * high:+.1f}, p = {gain['p_value']:.2g})"
    )


def advice(ensemble: Mapping[str, Any]) -> str:
    """Return a sentence on whether the members are worth their time."""
    count, gain = len(ensemble["members"]), ensemble["gain"]
    if gain["better"]:
        return f"The mean of {count} networks is better than one of them on these rows."
    share = {2: "half", 3: "a third", 4: "a quarter"}.get(count, f"1/{count}")
    return (
        "On these rows the difference may be chance: one network, without --ensemble, may be as good, and takes "
        f"{share} of the time."
    )


def members_sentence(ensemble: Mapping[str, Any]) -> str:
    """Return a sentence on what the model is the mean of, with the accuracies where rows were held out."""
    *seeds, last = [str(member["seed"]) for member in ensemble["members"]]
    count = len(ensemble["members"])
    what = f"The mean of {count} networks, trained on the same rows with the seeds {', '.join(seeds)} and {last}."
    return f"{what} Accuracy of each alone: {members_in_words(ensemble)}." if ensemble["gain"] else what
