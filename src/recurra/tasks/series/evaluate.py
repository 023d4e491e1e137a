"""Evaluate a model of series on series whose labels or numbers are known. Base installation only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from recurra.data.catalog import resolve
from recurra.data.fingerprint import Fingerprint
from recurra.data.label_spelling import is_blank, unknown_sentence
from recurra.errors import DataError, OptionError
from recurra.tasks.series.metrics import score
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesEvaluateOptions
from recurra.tasks.series.series_file import answer_column, labels_of, read_file, targets_of, without
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter


def evaluate(model: SeriesModel, data: str, options: SeriesEvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on the series of `data`: see `metrics.score`; and left_out, those without an answer.

    Raises ReadError, ColumnError, DataError for data that cannot be used, OptionError for labels of a model of numbers
    or the reverse.
    """
    if (given := "target" if model.classifies else "label") and getattr(options, given) is not None:
        other = "--label" if model.classifies else "--target"
        raise OptionError(f"The model predicts {'labels' if model.classifies else 'numbers'}: name them with {other}.")
    source = resolve(data, holds="labelled series")
    path = source.test or source.path
    trained = (model.manifest.data if model.manifest else {}).get("label" if model.classifies else "target")
    column = ""

    def wanted(columns: Sequence[str]) -> list[str]:
        nonlocal column
        known = isinstance(trained, str) and trained in columns and not (options.label or options.target)
        column = str(trained) if known else answer_column(options, model.shape.kind, columns, path)
        return [column]

    found, _ = read_file(
        path, options, reporter, wanted=wanted, manifest=model.manifest, channels=model.inputs.channels
    )
    if not found.known.all():
        reporter.info(f"{int((~found.known).sum()):,} series without a value, all frames missing, are left out.")
    answers: Any = labels_of(found, column) if model.classifies else targets_of(found, column, path)
    fingerprint = Fingerprint()
    for answer, values in zip(answers, found.values, strict=True):
        fingerprint.add(answer, values)
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    labels = [str(label) for label in model.classes_]
    index = {label: number for number, label in enumerate(labels)}
    targets = np.array([index.get(label, -1) for label in answers]) if model.classifies else answers
    labelled = targets >= 0 if model.classifies else ~np.isnan(targets)
    known = labelled & found.known
    if not labelled.all():
        unknown = Counter(label for label in answers if label not in index and not is_blank(label)) if labels else {}
        if unknown:
            reporter.info(unknown_sentence(unknown, labels, "the model does not know their label:", what="series"))
        if bare := int((~labelled).sum()) - sum(unknown.values()):
            reporter.info(f"{bare:,} series without an answer in the column '{column}' are left out.")
    if not known.any():
        raise DataError(f"No series of {data} has an answer that the model knows. Check the column '{column}'.")
    kept = without(found, known)
    reporter.info(f"Answering {len(kept.ids):,} series.")
    return {**score(model.outputs(kept.values), targets[known], labels), "left_out": int((~known).sum())}
