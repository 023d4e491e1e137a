"""Evaluate classifiers on labelled data: one, or several on the same rows. Base installation only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.fingerprint import Fingerprint
from recurra.data.label_spelling import counted, is_blank, unknown_sentence
from recurra.data.normalise import normalise
from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import LabelError
from recurra.evaluation.comparison import ACCURACY
from recurra.evaluation.several_models import Judged, compare_models
from recurra.many_to_one.answered import AnsweredRows, RowsGiven, answer_rows
from recurra.many_to_one.differences import check_differences, write_differences
from recurra.many_to_one.drift import drift, seen_sentence
from recurra.many_to_one.given import Given
from recurra.many_to_one.reading import Opened, open_data
from recurra.many_to_one.sliced import slice_columns
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import EvaluateOptions
from recurra.tasks.classify.scores import evaluate as scores
from recurra.tasks.classify.slices import by_columns
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter

NOT_KNOWN = "the model does not know their label:"
NOT_KNOWN_TO_ALL = "not all of the models know their label:"


def evaluate(model: Classifier, data: str, options: EvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on `data`; see `scores.evaluate`, plus unknown_label_rows, unknown_labels (label to
    rows), left_out_rows, classes_without_rows, nothing_known_rows and unknown_rate (the share of unknown tokens).

    Rows without a text or a label are left out and counted, as are rows whose label the model does not know. Broken
    rows that are skipped go to `rejects_here`.
    Raises LabelError where no row is left, ReadError and ColumnError.
    """
    answered = _answered({"": model}, data, options, reporter)
    for sentence in answered.rows.known[0].sentences(model.manifest, "They count as any other."):
        reporter.info(sentence)
    return answered.scores(0)


def evaluate_several(
    models: Mapping[str, Classifier],
    data: str,
    options: EvaluateOptions,
    reporter: Reporter,
    differences: Path | None = None,
) -> dict[str, Any]:
    """Return what `compare_models` says of the classifiers by name, on the rows of `data` whose label all of them know.

    Each model has "scores", as `evaluate` returns them. unknown_to: for a model that does not know every label of the
    others, which ones. differences: a file for the rows that are not answered alike. Raises what `evaluate` does.
    """
    check_differences(differences)
    answered = _answered(models, data, options, reporter)
    truths = np.array(answered.rows.truths, dtype=object)
    judged, labels = [], {}
    for place, (name, model) in enumerate(models.items()):
        chosen = model.decision.chosen(answered.rows.all("probabilities", place))
        labels[name] = np.array([str(label) for label in model.classes_.tolist()], dtype=object)[chosen]
        right = labels[name] == truths
        judged.append(Judged(name, right, labels[name], right.astype(np.float64)))
    found = compare_models(judged, ACCURACY)
    for place, one in enumerate(found["models"]):
        one["scores"] = answered.scores(place)
        if told := seen_sentence(one["scores"]["drift"]):
            reporter.info(f"{one['name']}: {told}")
    every = {str(label) for model in models.values() for label in model.classes_.tolist()}
    lacking = {name: sorted(every - set(map(str, model.classes_.tolist()))) for name, model in models.items()}
    for name, unknown in lacking.items():
        if unknown:
            reporter.info(f"{name} does not know {_listed(unknown)}, which another of the models does.")
    write_differences(differences, answered.opened, answered.rows.numbers, answered.rows.truths, labels, str, reporter)
    return found | {"unknown_to": {name: unknown for name, unknown in lacking.items() if unknown}}


@dataclass(frozen=True)
class _Answered:
    """The rows of a file, answered by `models`. rows: with their label; unknown: label to the rows that were left out
    for it; left_out: rows without a text or a label; empty: the share of rows without a text."""

    models: Sequence[Classifier]
    opened: Opened
    rows: AnsweredRows[str]
    unknown: dict[str, int]
    left_out: int
    empty: float

    def scores(self, place: int) -> dict[str, Any]:
        """Return everything measured of one of the models."""
        model, rows, known = self.models[place], self.rows, self.rows.known[place]
        index_of = {str(label): i for i, label in enumerate(model.classes_.tolist())}
        chances, truths = rows.all("probabilities", place), np.array([index_of[label] for label in rows.truths])
        result = scores(
            chances,
            truths,
            list(index_of),
            rows.all("tokens", place),
            rows.all("truncated", place),
            decision=model.decision,
            ordered=model.ordered,
        )
        if rows.beside:
            result["slices"]["columns"] = by_columns(
                rows.beside, rows.beside, None, model.decision.chosen(chances), truths
            )
        return result | {
            "unknown_label_rows": sum(self.unknown.values()),
            "unknown_labels": self.unknown,
            "left_out_rows": self.left_out,
            "classes_without_rows": [row["label"] for row in result["per_class"] if not row["support"]],
            "nothing_known_rows": known.nothing_known,
            "unknown_rate": known.unknown_rate,
            "drift": drift(
                model.manifest,
                rows.all("tokens", place),
                np.array(rows.digests, dtype=np.uint64),
                empty=self.empty,
                labels=Counter(rows.truths) + Counter(self.unknown),
                unknown_rate=known.unknown_rate,
            ),
        }


def _answered(models: Mapping[str, Classifier], data: str, options: EvaluateOptions, reporter: Reporter) -> _Answered:
    """Read the rows that all models can be judged on, have them answered, and report which ones cannot be used."""
    first = next(iter(models.values()))
    opened = open_data(data, options, reporter, rejects=rejects_here(data), manifest=first.manifest)
    columns = slice_columns(options.slice, opened.table.columns, (*opened.texts, opened.label))
    names = [str(label) for label in first.classes_.tolist()]
    shared = [name for name in names if all(name in map(str, model.classes_.tolist()) for model in models.values())]
    usable = set(shared)
    unknown: dict[str, int] = {}
    left_out = empty = total = 0
    fingerprint = Fingerprint()

    def known_rows() -> Iterator[tuple[int, Given, str, list[str | None]]]:
        nonlocal left_out, empty, total
        for row, (text, label, *cells) in enumerate(opened.rows([*columns, *given.names]), 1):
            total = row
            nothing = not text or not normalise(text)
            empty += nothing
            if not text or nothing or not label or is_blank(label):
                left_out += 1
                continue
            fingerprint.add(text, label)
            if label not in usable:
                unknown[label] = unknown.get(label, 0) + 1
            else:
                yield row, given.row(text, cells[len(columns) :]), label, cells[: len(columns)]

    given = RowsGiven(list(models.values()), opened)
    rows = answer_rows(list(models.values()), known_rows(), reporter, columns)
    for sentence in given.sentences():
        reporter.info(sentence)
    report_rejected(opened.table, reporter)
    several = len(models) > 1
    why = NOT_KNOWN_TO_ALL if several else NOT_KNOWN
    if not rows.truths:
        seen = f"the data have {counted(unknown, most=5)}" if unknown else "the data have no labelled row"
        near = f" {unknown_sentence(unknown, shared, why)}" if unknown else ""
        who = "the models all know" if several else "the model knows"
        which = f"the labels {_listed(shared)}" if shared else "no label"
        raise LabelError(f"No row can be used: {who} {which}; {seen}.{near}")
    for name, model in models.items():
        warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter, name or "the model")
    if unknown:
        ordered = dict(sorted(unknown.items(), key=lambda item: -item[1]))
        reporter.info(unknown_sentence(ordered, shared, why))
    if left_out:
        reporter.info(f"{left_out:,} rows without a text or without a label are not counted.")
    return _Answered(list(models.values()), opened, rows, unknown, left_out, empty / max(1, total))


def _listed(labels: list[str], most: int = 5) -> str:
    return ", ".join(repr(label[:40]) for label in labels[:most]) + (", ..." if len(labels) > most else "")
