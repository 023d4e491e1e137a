"""A model that training went on with, before and after, on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from recurra.evaluation.intervals import wilson
from recurra.evaluation.significance import mcnemar
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.tasks.classify.learn.split import LabelledParts, divided, read_rows
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext


def keep_apart(going_on: Continuation, corpus: Corpus, parts: LabelledParts, context: RunContext) -> list[str]:
    """Look for the rows of the model that training goes on with, and keep the new ones apart from them, in place.

    Returns sentences on that. Raises DataError where no new row is left.
    """

    def read(into: Corpus, data: str, options: ClassifyOptions) -> list[str | None]:
        rejects = context.directory / "old.rejects"
        return read_rows(into, data, options, Reporter(quiet=True), rejects=rejects)[1]

    def divide(rows: Corpus, named: list[str | None], options: ClassifyOptions) -> LabelledParts:
        return divided(rows, named, options)[2]

    return [*going_on.find(read, divide), *going_on.keep_apart(corpus, parts)]


def compared(
    going_on: Continuation,
    model: Classifier,
    corpus: Corpus,
    parts: LabelledParts,
    labels: Sequence[str],
    vocabulary: int,
) -> dict[str, Any]:
    """Return "continued" of metrics.json: what a model scored before and after on its own held-out rows ("old", None
    where they are not at hand) and on the new ones ("new"), and by how many words and which labels it grew.

    model: after; vocabulary: its ids; labels: those of its classes."""
    trained, old = going_on.trained, going_on.old
    before, rows = trained.model(Classifier), np.flatnonzero(parts.test)
    answers = [corpus.label_names[number] for number in corpus.labels[rows]]
    return {
        "model": trained.path,
        "old_data": None if old is None else old.name,
        "old": None if old is None else before_and_after(before, model, old.texts, old.answers()),
        "new": before_and_after(before, model, lambda: (corpus.texts[int(row)] for row in rows), answers),
        "kept_apart": going_on.kept_apart,
        "further_words": vocabulary - trained.tokenizer.size,
        "further_labels": list(labels[len(trained.labels) :]),
    }


def before_and_after(
    before: Classifier, after: Classifier, texts: Callable[[], Iterable[str]], answers: Sequence[str]
) -> dict[str, Any] | None:
    """Return how the accuracy of two models compares: see `continued_facts.py`; None without rows.

    texts: gives the rows' texts each time; answers: their labels [N]. A label that a model lacks it gets wrong.
    """
    if not answers:
        return None
    was, now = (_right(model, texts(), answers) for model in (before, after))
    return {
        "rows": len(answers),
        "measure": "accuracy",
        "before": float(was.mean()),
        "before_ci95": list(wilson(int(was.sum()), len(was))),
        "after": float(now.mean()),
        "after_ci95": list(wilson(int(now.sum()), len(now))),
        "paired": mcnemar(now, was),
    }


def _right(model: Classifier, texts: Iterable[str], answers: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which texts a model labels rightly [N]."""
    places = {str(label): place for place, label in enumerate(model.classes_.tolist())}
    targets = np.array([places.get(answer, -1) for answer in answers])
    return np.asarray(np.concatenate([part.chosen for part in model.predict_iter(texts)]) == targets)
