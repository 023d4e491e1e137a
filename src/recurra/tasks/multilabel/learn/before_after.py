"""A model of several labels that training went on with, before and after, on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from recurra.data.label_sets import from_key
from recurra.evaluation.label_comparison import compare_micro_f1
from recurra.evaluation.label_scores import score_labels
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.tasks.multilabel.learn.split import LabelledParts, Members, divided, read_label_rows
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import MultilabelOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext


def keep_apart(going_on: Continuation, corpus: Corpus, parts: LabelledParts, context: RunContext) -> list[str]:
    """Look for the rows of the model that training goes on with, and keep the new ones apart from them, in place.

    Returns sentences on that. Raises DataError where no new row is left.
    """

    def read(into: Corpus, data: str, options: MultilabelOptions) -> list[str | None]:
        rejects = context.directory / "old.rejects"
        return read_label_rows(into, data, options, Reporter(quiet=True), rejects=rejects).named

    def divide(rows: Corpus, named: list[str | None], options: MultilabelOptions) -> LabelledParts:
        return divided(rows, named, options)[2]

    return [*going_on.find(read, divide), *going_on.keep_apart(corpus, parts)]


def compared(
    going_on: Continuation,
    model: MultilabelClassifier,
    corpus: Corpus,
    parts: LabelledParts,
    labels: Sequence[str],
    vocabulary: int,
) -> dict[str, Any]:
    """Return "continued" of metrics.json, as `continued_facts.py` has it.

    model: after; labels: its own, those from before first; vocabulary: its ids.
    """
    trained, old = going_on.trained, going_on.old
    before, rows = trained.model(MultilabelClassifier), np.flatnonzero(parts.test)
    answers = [corpus.label_names[number] for number in corpus.labels[rows]]
    return {
        "model": trained.path,
        "old_data": None if old is None else old.name,
        "old": None if old is None else before_and_after(before, model, old.texts, old.answers(), labels),
        "new": before_and_after(before, model, lambda: (corpus.texts[int(row)] for row in rows), answers, labels),
        "kept_apart": going_on.kept_apart,
        "further_words": vocabulary - trained.tokenizer.size,
        "further_labels": list(labels[len(trained.labels) :]),
    }


def before_and_after(
    before: MultilabelClassifier,
    after: MultilabelClassifier,
    texts: Callable[[], Iterable[str]],
    answers: Sequence[str],
    labels: Sequence[str],
) -> dict[str, Any] | None:
    """Return how the micro F1 of two models compares: see `continued_facts.py`; None without rows.

    texts: gives the rows' texts each time; answers: their labels [N], as the corpus has them; labels: those of the
    later model, which begin with those of the earlier. A label that it lacks that one never gives.
    """
    if not answers:
        return None
    truth: Members = np.array([[label in from_key(answer) for label in labels] for answer in answers], dtype=np.bool_)
    given, scores = [], []
    for model in (before, after):
        chances, thresholds = np.zeros(truth.shape), np.full(len(labels), 0.5)
        own = len(model.classes_)
        chances[:, :own], thresholds[:own] = model.predict_proba(texts()), model.thresholds
        given.append(chances >= thresholds)
        scores.append(score_labels(chances, truth, thresholds, list(labels)))
    return {
        "rows": len(answers),
        "measure": "micro_f1",
        **{name: found["micro_f1"] for name, found in zip(("before", "after"), scores, strict=True)},
        **{f"{name}_ci95": found["micro_f1_ci95"] for name, found in zip(("before", "after"), scores, strict=True)},
        "paired": compare_micro_f1([given[1]], [given[0]], truth),
    }
