"""`recurra predict`: label texts from the command line or from standard input; `verbs/bulk.py` labels whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from recurra.tasks.classify.model import Model, load

CHUNK = 4096
RECODE = "Convert it first, as in `iconv -f latin1 -t utf-8`, or give a file by --input with --encoding."


def predict_texts(directory: Path, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its label, the probability of that label, those of all labels, and whether it was cut."""
    yield from _answers(load(directory), texts)


def _answers(model: Model, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    names = [str(label) for label in model.classes_.tolist()]
    for part in model.predict_iter(texts, CHUNK):
        for label, chances, cut in zip(part.labels.tolist(), part.probabilities, part.truncated.tolist(), strict=True):
            yield {
                "label": label,
                "probability": float(chances.max()),
                "probabilities": dict(zip(names, map(float, chances), strict=True)),
                "truncated": cut,
            }
