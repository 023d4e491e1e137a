"""The held-out rows that a model is most wrong about, for its report."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.label_metrics import Members
from recurra.evaluation.metric import Floats
from recurra.many_to_one.corpus import Corpus
from recurra.text.text_columns import readable

MISTAKES = 20
MISTAKE_CHARACTERS = 600


def worst_rows(
    corpus: Corpus,
    rows: NDArray[np.int64],
    chances: Floats,
    members: Members,
    given: Members,
    labels: list[str],
    most: int = MISTAKES,
) -> list[dict[str, Any]]:
    """Return the wrongly labelled rows at whose labels the model is most surprised, one of several copies.

    rows: [n], the numbers of those that were answered; chances, members, given: [n, L].

    Returns for each: row (its number in the file, from 1), text, truth and given (names), and missing and wrong (labels
    that it was not given and should have been, and the other way round, with their probabilities).
    """
    truth = np.clip(np.where(members, chances, 1.0 - chances), np.finfo(np.float64).tiny, 1.0)
    surprise = np.where(given != members, -np.log(truth), 0.0).sum(axis=1)
    found: list[dict[str, Any]] = []
    shown: set[int] = set()
    for place in np.argsort(-surprise, kind="stable"):
        row = int(rows[place])
        if len(found) == most or surprise[place] <= 0:
            break
        if int(corpus.groups[row]) in shown:
            continue
        shown.add(int(corpus.groups[row]))
        text = readable(corpus.texts[row])
        found.append(
            {
                "row": int(corpus.sources[row]),
                "text": text if len(text) <= MISTAKE_CHARACTERS else text[:MISTAKE_CHARACTERS] + " …",
                "truth": [labels[k] for k in np.flatnonzero(members[place])],
                "given": [labels[k] for k in np.flatnonzero(given[place])],
                "missing": _with_chances(~given[place] & members[place], chances[place], labels),
                "wrong": _with_chances(given[place] & ~members[place], chances[place], labels),
            }
        )
    return found


def _with_chances(which: NDArray[np.bool_], chances: Floats, labels: list[str]) -> list[dict[str, Any]]:
    return [{"label": labels[k], "probability": float(chances[k])} for k in np.flatnonzero(which)]
