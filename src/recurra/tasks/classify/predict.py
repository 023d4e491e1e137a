"""Label texts one by one; `predict_file.py` labels whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.tasks.classify.model import Classifier

TEXTS_AT_ONCE = 4096


def predict_texts(model: Classifier, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its label, the probability of that label, those of all labels, and whether it was cut."""
    names = [str(label) for label in model.classes_.tolist()]
    for part in model.predict_iter(texts, TEXTS_AT_ONCE):
        for label, chances, cut in zip(part.labels.tolist(), part.probabilities, part.truncated.tolist(), strict=True):
            yield {
                "label": label,
                "probability": float(chances.max()),
                "probabilities": dict(zip(names, map(float, chances), strict=True)),
                "truncated": cut,
            }
