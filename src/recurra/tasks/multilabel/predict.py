"""Label texts one by one; `predict_file.py` labels whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.inference.label_answers import ranked
from recurra.many_to_one.unknown_words import KnownWords
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.terminal.progress import Reporter

TEXTS_AT_ONCE = 4096


def predict_texts(
    model: MultilabelClassifier, texts: Iterable[str], reporter: Reporter | None = None, *, top: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield for each text its labels, the most probable first, the probabilities of all labels, whether it was cut, and
    whether nothing known was read; at the end, report how many texts were such.

    top: also yield so many of the most probable labels, given or not, with their probabilities, as the list `top`.
    """
    known, reporter = KnownWords(), reporter or Reporter()
    labels = model.classes_.tolist()
    names = [str(label) for label in labels]
    for part in model.predict_iter(model.rows(texts), TEXTS_AT_ONCE):
        known.add(part)
        values = (part.labels, part.probabilities, part.truncated.tolist(), part.nothing_known.tolist())
        for given, chances, cut, nothing_known in zip(*values, strict=True):
            yield {
                "labels": given,
                **({"top": ranked(chances, labels, top)} if top else {}),
                "probabilities": dict(zip(names, map(float, chances), strict=True)),
                "truncated": cut,
                "nothing_known": nothing_known,
            }
    for sentence in known.sentences(model.manifest, "Such an answer says nothing of the text.", "text"):
        reporter.info(sentence)
