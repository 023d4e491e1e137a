"""What the network and the n-grams are worth alone: the accuracy of each part of a classifier on the held-out rows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.intervals import wilson
from recurra.evaluation.significance import mcnemar
from recurra.many_to_one.given import Given
from recurra.tasks.classify.model import Classifier

TEXTS = 1_024


def ablation(
    model: Classifier,
    texts: Iterable[Given],
    logits: NDArray[np.float32],
    targets: NDArray[np.int64],
    *,
    temperature: float,
    intercept: list[float] | None,
) -> dict[str, Any] | None:
    """Return the accuracy of both parts; None for a network without n-grams.

    logits: [N, outputs] of the whole model for the same texts, divided by `temperature`; intercept: what the n-grams
    alone begin with, where they were fitted before the network. Both parts are of the one model: neither was trained
    to answer alone.

    Returns network and ngrams, each with accuracy, accuracy_ci95 and paired: `mcnemar` of the whole model against it.
    """
    if model.ngrams is None:
        return None
    source, found = iter(texts), []
    while chunk := list(islice(source, TEXTS)):
        found.append(_ngram_logits(model, chunk))
    beside = np.concatenate(found) / temperature
    alone = beside if intercept is None else beside + np.asarray(intercept) / temperature

    def decided(of_part: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        return model.chosen(model.link.exact(of_part))

    right = decided(logits) == targets
    parts = {"network": logits - beside, "ngrams": alone}
    result: dict[str, Any] = {}
    for name, part in parts.items():
        correct = decided(part) == targets
        result[name] = {
            "accuracy": float(correct.mean()),
            "accuracy_ci95": list(wilson(int(correct.sum()), len(correct))),
            "paired": mcnemar(right, correct),
        }
    return result


def _ngram_logits(model: Classifier, texts: list[Given]) -> NDArray[np.float64]:
    assert model.ngrams is not None  # for the type checker: the caller has n-grams
    found = []
    for encoding in model.encode(texts):
        ids = encoding.ids.astype(np.int64)[None]
        found.append(model.ngrams.logits(ids, np.array([len(encoding)]), encoding.novel)[0])
    return np.array(found, dtype=np.float64)
