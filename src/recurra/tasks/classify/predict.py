"""Label texts one by one; `predict_file.py` labels whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.inference.label_answers import ranked
from recurra.many_to_one.unknown_words import KnownWords
from recurra.tasks.classify.model import Classifier
from recurra.terminal.progress import Reporter

TEXTS_AT_ONCE = 4096


def predict_texts(
    model: Classifier, texts: Iterable[str], reporter: Reporter | None = None, *, top: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield for each text its label, the probability of that label, those of all labels, whether it was cut, and
    whether nothing known was read; at the end, report how many texts were such.

    top: also yield so many of the most probable labels, with their probabilities, as the list `top`.
    """
    known, reporter = KnownWords(), reporter or Reporter()
    labels = model.classes_.tolist()
    names = [str(label) for label in labels]
    for part in model.predict_iter(model.rows(texts), TEXTS_AT_ONCE):
        known.add(part)
        values = (
            part.labels.tolist(),
            part.chosen.tolist(),
            part.probabilities,
            part.truncated.tolist(),
            part.nothing_known.tolist(),
        )
        for label, chosen, chances, cut, nothing_known in zip(*values, strict=True):
            yield {
                "label": label,
                "probability": float(chances[chosen]),
                **({"top": ranked(chances, labels, top)} if top else {}),
                "probabilities": dict(zip(names, map(float, chances), strict=True)),
                "truncated": cut,
                "nothing_known": nothing_known,
            }
    for sentence in known.sentences(model.manifest, "Such an answer says nothing of the text.", "text"):
        reporter.info(sentence)
