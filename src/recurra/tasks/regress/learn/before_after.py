"""A model of numbers that training went on with, before and after, on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from recurra.evaluation.regression import compare_errors, score_numbers
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.tasks.regress.learn.split import divided, numbers_of, read_numbers
from recurra.tasks.regress.model import TextRegressor
from recurra.tasks.regress.options import RegressOptions
from recurra.terminal.progress import Reporter
from recurra.training.split import Parts
from recurra.training.trainer import RunContext


def keep_apart(going_on: Continuation, corpus: Corpus, parts: Parts, context: RunContext) -> list[str]:
    """Look for the rows of the model that training goes on with, and keep the new ones apart from them, in place.

    Returns sentences on that. Raises DataError where no new row is left.
    """

    def read(into: Corpus, data: str, options: RegressOptions) -> list[str | None]:
        rejects = context.directory / "old.rejects"
        return read_numbers(into, data, options, Reporter(quiet=True), rejects=rejects)[1]

    def divide(rows: Corpus, named: list[str | None], options: RegressOptions) -> Parts:
        return divided(rows, numbers_of(rows), named, options)

    return [*going_on.find(read, divide), *going_on.keep_apart(corpus, parts)]


def compared(
    going_on: Continuation, model: TextRegressor, corpus: Corpus, parts: Parts, vocabulary: int
) -> dict[str, Any]:
    """Return "continued" of metrics.json, as `continued_facts.py` has it. model: after; vocabulary: its ids."""
    trained, old = going_on.trained, going_on.old
    before, rows = trained.model(TextRegressor), np.flatnonzero(parts.test)
    answers = [corpus.label_names[number] for number in corpus.labels[rows]]
    return {
        "model": trained.path,
        "old_data": None if old is None else old.name,
        "old": None if old is None else before_and_after(before, model, old.texts, old.answers()),
        "new": before_and_after(before, model, lambda: (corpus.texts[int(row)] for row in rows), answers),
        "kept_apart": going_on.kept_apart,
        "further_words": vocabulary - trained.tokenizer.size,
        "further_labels": [],
    }


def before_and_after(
    before: TextRegressor, after: TextRegressor, texts: Callable[[], Iterable[str]], answers: Sequence[str]
) -> dict[str, Any] | None:
    """Return how the mean absolute errors of two models compare: see `continued_facts.py`; None without rows.

    texts: gives the rows' texts each time; answers: their numbers [N], as text.
    """
    if not answers:
        return None
    truth = np.array([float(answer) for answer in answers])
    was, now = (model.predict(texts()) for model in (before, after))
    scores = {name: score_numbers(found, truth) for name, found in (("before", was), ("after", now))}
    return {
        "rows": len(answers),
        "measure": "mae",
        **{name: found["mae"] for name, found in scores.items()},
        **{f"{name}_ci95": found["mae_ci95"] for name, found in scores.items()},
        "paired": compare_errors(now, was, truth),
    }
