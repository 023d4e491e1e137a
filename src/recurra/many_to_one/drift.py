"""How new rows differ from those that a model was trained on, in figures and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recurra.evaluation.drift import js_chance, js_distance, ks_chance, ks_distance
from recurra.many_to_one.text_profile import Digests, TextProfile
from recurra.storage.model_directory import Manifest

FAR = 0.1
"""The distance from which a distribution is called another one, if chance would not make as much."""
MUCH = 0.05
"""A share that is as much larger or smaller is told of."""
FEWEST_SEEN = 3
"""Texts of training that are found before it is said that there are some."""


def drift(
    manifest: Manifest | None,
    lengths: ArrayLike,
    digests: Digests,
    *,
    empty: float,
    labels: Mapping[str, int] | None = None,
    numbers: ArrayLike | None = None,
    unknown_rate: float,
) -> dict[str, Any] | None:
    """Return how N rows differ from those of a training; None where the model keeps no summary of them.

    lengths: [N] tokens; digests: [N]; empty: the share of rows without a text; labels: rows with each label, those that
    the model does not know among them; numbers: [N] truths; unknown_rate: the share of unknown tokens. manifest: of the
    model. Raises ArtefactError where what it states of the rows of training cannot be read.

    Returns rows; lengths and numbers (distance: Kolmogorov-Smirnov, chance, changed, here and training: the medians);
    labels (distance: Jensen-Shannon, chance, changed, and the shares of the labels that changed most); empty and
    unknown (here, training); seen (found, looked_up, share: of these texts in training); sentences, for people.
    """
    profile = TextProfile.stated(manifest)
    if profile is None or manifest is None:
        return None
    stated = manifest.metrics.get("unknown_rate")
    usual_unknown = float(stated) if isinstance(stated, int | float) else None
    sizes = np.asarray(lengths, dtype=np.float64)
    found: dict[str, Any] = {"rows": len(sizes), "sentences": []}
    told: list[str] = found["sentences"]
    found["seen"] = _seen(profile, digests)
    if again := seen_sentence(found):
        told.append(again)
    found["lengths"] = _spread(sizes, profile.lengths, profile.rows)
    if found["lengths"]["changed"]:
        told.append(_of_lengths(found["lengths"]))
    if numbers is not None and profile.numbers:
        found["numbers"] = _spread(np.asarray(numbers, dtype=np.float64), profile.numbers, profile.rows)
        if found["numbers"]["changed"]:
            told.append(_of_numbers(found["numbers"]))
    if labels is not None and profile.labels and sum(labels.values()):
        found["labels"] = _shares(profile.labels, labels)
        if found["labels"]["changed"]:
            told.append(_of_labels(found["labels"]))
    found["empty"] = {"here": empty, "training": profile.empty}
    if abs(empty - profile.empty) > MUCH:
        told.append(f"{empty:.0%} of the rows have no text, against {profile.empty:.0%} in training.")
    found["unknown"] = {"here": unknown_rate, "training": usual_unknown}
    if usual_unknown is not None and usual_unknown + MUCH < unknown_rate <= 2 * usual_unknown + 0.1:  # else it is told
        told.append(
            f"{unknown_rate:.1%} of the tokens are unknown to the model, against {usual_unknown:.1%} of those held out "
            "in training."
        )
    if not told:
        told.append("These rows resemble those of training in the length of texts, their words and their answers.")
    return found


def seen_sentence(found: Mapping[str, Any] | None) -> str:
    """Return that texts are among those of training, of what `drift` returned; "" where hardly any is known to be."""
    if found is None or found["seen"]["share"] is None:
        return ""
    hits, looked_up, share = (found["seen"][name] for name in ("found", "looked_up", "share"))
    if hits < min(FEWEST_SEEN, looked_up) or share < MUCH:
        return ""
    every = looked_up == found["rows"]
    of = "" if every else f", as {hits:,} of {looked_up:,} are that could be looked up"
    return (
        f"{'' if every else 'About '}{share:.0%} of these texts are among those of training{of}: the figures show in "
        "part how well the model remembers them."
    )


def _seen(profile: TextProfile, digests: Digests) -> dict[str, Any]:
    hits, looked_up = profile.seen(digests)
    return {"found": hits, "looked_up": looked_up, "share": hits / looked_up if looked_up else None}


def _spread(values: np.ndarray[Any, Any], known: list[float], rows: int) -> dict[str, Any]:
    distance, chance = ks_distance(values, known), ks_chance(len(values), rows)
    return {
        "measure": "Kolmogorov-Smirnov",
        "distance": distance,
        "chance": chance,
        "changed": distance > max(FAR, chance),
        "here": float(np.median(values)),
        "training": float(np.median(known)),
    }


def _shares(known: Mapping[str, float], labels: Mapping[str, int]) -> dict[str, Any]:
    names = list(dict.fromkeys([*known, *labels]))
    before = np.array([known.get(name, 0.0) for name in names])
    counts = np.array([labels.get(name, 0) for name in names], dtype=np.float64)
    after = counts / counts.sum()
    distance, chance = js_distance(after, before), js_chance(before, int(counts.sum()))
    moved = np.argsort(-np.abs(after - before / before.sum()), kind="stable")[:5]
    return {
        "measure": "Jensen-Shannon",
        "distance": distance,
        "chance": chance,
        "changed": distance > max(FAR, chance),
        "shares": {names[k]: {"here": float(after[k]), "training": float(before[k] / before.sum())} for k in moved},
    }


def _of_lengths(found: Mapping[str, Any]) -> str:
    here, usual = found["here"], found["training"]
    if here and usual and not 2 / 3 < here / usual < 3 / 2:
        how = f"{here / usual:.2g} times as long" if here > usual else f"{_part(here / usual)} as long"
        first = f"Texts are {how} as in training"
    else:
        first = (
            f"Texts are {'longer' if here > usual else 'shorter'} than in training"
            if here != usual
            else ("The lengths of texts are spread in another way than in training")
        )
    return f"{first}: {here:,.0f} tokens in the middle, against {usual:,.0f} (distance {found['distance']:.2f})."


def _part(ratio: float) -> str:
    return "half" if 0.42 <= ratio <= 0.58 else f"{ratio:.2g} times"


def _of_numbers(found: Mapping[str, Any]) -> str:
    here, usual = found["here"], found["training"]
    way = "larger" if here > usual else "smaller" if here < usual else "spread in another way"
    return (
        f"The true numbers are {way} than in training: {here:.4g} in the middle, against {usual:.4g} (distance "
        f"{found['distance']:.2f})."
    )


def _of_labels(found: Mapping[str, Any]) -> str:
    name, share = next(iter(found["shares"].items()))
    return (
        f"Labels have other shares than in training: {name[:60]!r} {share['here']:.1%}, against "
        f"{share['training']:.1%} (distance {found['distance']:.2f})."
    )
