"""Evaluate models of several labels on labelled data: one, or several on the same rows. Base installation only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.fingerprint import Fingerprint
from recurra.data.label_sets import from_key, to_key
from recurra.data.label_spelling import SHOWN, counted, near_labels, written
from recurra.data.normalise import normalise
from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import LabelError
from recurra.evaluation.comparison import MICRO_F1
from recurra.evaluation.label_comparison import counted as counted_rows
from recurra.evaluation.label_metrics import Members
from recurra.evaluation.label_scores import score_labels
from recurra.evaluation.several_models import Judged, compare_models
from recurra.many_to_one.answered import AnsweredRows, RowsGiven, answer_rows
from recurra.many_to_one.differences import check_differences, write_differences
from recurra.many_to_one.drift import drift, seen_sentence
from recurra.many_to_one.given import Given
from recurra.many_to_one.reading import Opened
from recurra.many_to_one.sliced import slice_columns
from recurra.many_to_one.text_profile import counted_labels
from recurra.tasks.multilabel.label_rows import open_labels
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import EvaluateOptions
from recurra.tasks.multilabel.slices import by_columns
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter

NOT_KNOWN = "the model does not know"
NOT_KNOWN_TO_ALL = "not all of the models know"


def evaluate(model: MultilabelClassifier, data: str, options: EvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on `data`; see `score_labels`, plus unknown_labels (label to rows), left_out_rows,
    truncated_rows, nothing_known_rows and unknown_rate (the share of unknown tokens).

    Rows without a text, or of whose labels nothing is said, are left out and counted. A label that the model does not
    know is left out of its row, which counts with its other labels. Broken rows that are skipped go to `rejects_here`.
    Raises LabelError where no row is left, ReadError and ColumnError.
    """
    answered = _answered({"": model}, data, options, reporter)
    for sentence in answered.rows.known[0].sentences(model.manifest, "They count as any other."):
        reporter.info(sentence)
    return answered.scores(0)


def evaluate_several(
    models: Mapping[str, MultilabelClassifier],
    data: str,
    options: EvaluateOptions,
    reporter: Reporter,
    differences: Path | None = None,
) -> dict[str, Any]:
    """Return what `compare_models` says of the models by name, on the rows of `data` and the labels that all of them
    know.

    Each model has "scores", as `evaluate` returns them, of these labels. unknown_to: for a model that does not know
    every label of the others, which ones. differences: a file for the rows that are not answered alike. Raises what
    `evaluate` does.
    """
    check_differences(differences)
    answered = _answered(models, data, options, reporter)
    truth = answered.members()
    judged, sets = [], {}
    for place, name in enumerate(models):
        given = answered.chances(place) >= answered.thresholds(place)
        sets[name] = np.array(answered.keys(given), dtype=object)
        judged.append(Judged(name, counted_rows(given, truth), sets[name], -(given != truth).sum(1).astype(np.float64)))
    found = compare_models(judged, MICRO_F1)
    for place, one in enumerate(found["models"]):
        one["scores"] = answered.scores(place)
        if told := seen_sentence(one["scores"]["drift"]):
            reporter.info(f"{one['name']}: {told}")
    every = {label for model in answered.models for label in _names(model)}
    lacking = {name: sorted(every - set(_names(model))) for name, model in models.items()}
    for name, unknown in lacking.items():
        if unknown:
            reporter.info(
                f"{name} does not know {_listed(unknown)}, which another of the models does; all are judged without."
            )
    write_differences(
        differences,
        answered.opened,
        answered.rows.numbers,
        answered.keys(truth),
        sets,
        lambda key: "; ".join(from_key(key)),
        reporter,
    )
    return found | {"unknown_to": {name: unknown for name, unknown in lacking.items() if unknown}}


@dataclass(frozen=True)
class _Answered:
    """The rows of a file, answered by `models`. labels: those that all models know; unknown: label to the rows that
    count without it; left_out: rows without a text, or of whose labels nothing is said; empty: the share of rows
    without a text."""

    models: Sequence[MultilabelClassifier]
    labels: list[str]
    opened: Opened
    rows: AnsweredRows[Members]
    unknown: dict[str, int]
    left_out: int
    empty: float

    def members(self) -> Members:
        """Return which of the labels each row has [N, L]."""
        return np.array(self.rows.truths)

    def chances(self, place: int) -> Any:
        """Return one model's probabilities of the labels [N, L]."""
        return self.rows.all("probabilities", place)[:, self._places(place)]

    def thresholds(self, place: int) -> Any:
        """Return from which probability on one model gives each of the labels [L]."""
        return self.models[place].thresholds[self._places(place)]

    def keys(self, given: Members) -> list[str]:
        """Return sets of labels [N, L], each as `to_key` writes it."""
        return [to_key([self.labels[k] for k in np.flatnonzero(row)]) for row in given]

    def scores(self, place: int) -> dict[str, Any]:
        """Return everything measured of one of the models."""
        known, chances, members = self.rows.known[place], self.chances(place), self.members()
        result = score_labels(chances, members, self.thresholds(place), self.labels)
        if self.rows.beside:
            given = chances >= self.thresholds(place)
            result["slices"] = {"columns": by_columns(self.rows.beside, self.rows.beside, None, given, members)}
        return result | {
            "unknown_labels": self.unknown,
            "left_out_rows": self.left_out,
            "truncated_rows": int(self.rows.all("truncated", place).sum()),
            "nothing_known_rows": known.nothing_known,
            "unknown_rate": known.unknown_rate,
            "drift": drift(
                self.models[place].manifest,
                self.rows.all("tokens", place),
                np.array(self.rows.digests, dtype=np.uint64),
                empty=self.empty,
                labels=Counter(counted_labels(self.labels, members)) + Counter(self.unknown),
                unknown_rate=known.unknown_rate,
            ),
        }

    def _places(self, place: int) -> list[int]:
        index_of = {name: i for i, name in enumerate(_names(self.models[place]))}
        return [index_of[label] for label in self.labels]


def _answered(
    models: Mapping[str, MultilabelClassifier], data: str, options: EvaluateOptions, reporter: Reporter
) -> _Answered:
    """Read the rows, have them answered by all models, and report which ones cannot be used."""
    asked = list(models.values())
    if options.threshold is not None:
        asked = [model.with_thresholds(options.threshold) for model in asked]
    table = open_labels(data, options, reporter, rejects=rejects_here(data), manifest=asked[0].manifest)
    taken = (*table.opened.texts, table.opened.label, *table.columns)
    columns = slice_columns(options.slice, table.opened.table.columns, taken)
    names = [name for name in _names(asked[0]) if all(name in _names(model) for model in asked)]
    several = len(asked) > 1
    if not names:
        raise LabelError("There is no label that all of the models know, so there is nothing to compare.")
    index_of = {name: i for i, name in enumerate(names)}
    unknown: dict[str, int] = {}
    left_out = empty = total = 0
    fingerprint = Fingerprint()

    def labelled() -> Iterator[tuple[int, Given, Members, list[str | None]]]:
        nonlocal left_out, empty, total
        for number, (text, key, *cells) in enumerate(table.rows([*columns, *given.names]), 1):
            total = number
            nothing = not text or not normalise(text)
            empty += nothing
            if not text or nothing or key is None:
                left_out += 1
                continue
            fingerprint.add(text, key)
            row = np.zeros(len(names), dtype=np.bool_)
            for label in from_key(key):
                if label in index_of:
                    row[index_of[label]] = True
                else:
                    unknown[label] = unknown.get(label, 0) + 1
            yield number, given.row(text, cells[len(columns) :]), row, cells[: len(columns)]

    given = RowsGiven(asked, table.opened)
    rows = answer_rows(asked, labelled(), reporter, columns)
    for sentence in given.sentences():
        reporter.info(sentence)
    report_rejected(table.opened.table, reporter)
    for sentence in table.sentences():
        reporter.info(sentence)
    if not rows.truths:
        raise LabelError(
            f"No row of {data} has both a text and labels, or an empty list of them. Check --text and --label."
        )
    if unknown and not np.any(rows.truths):
        who = "the models all know" if several else "the model knows"
        raise LabelError(
            f"No row can be used: {who} the labels {_listed(names)}; the data have {counted(unknown, most=5)}."
        )
    for name, model in models.items():
        warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter, name or "the model")
    if unknown:
        reporter.info(unknown_labels_sentence(unknown, names, NOT_KNOWN_TO_ALL if several else NOT_KNOWN))
    if left_out:
        reporter.info(f"{left_out:,} rows without a text, or without anything said of their labels, are not counted.")
    return _Answered(asked, names, table.opened, rows, unknown, left_out, empty / max(1, total))


def _names(model: MultilabelClassifier) -> list[str]:
    return [str(label) for label in model.classes_.tolist()]


def unknown_labels_sentence(unknown: dict[str, int], known: list[str], why: str) -> str:
    """Return in a sentence which labels do not count, the commonest first, and which known one each may mean.

    unknown: label to rows; why: the reason, before the labels, such as "no training row has".
    """
    ordered = sorted(unknown, key=lambda label: (-unknown[label], label))
    shown = ordered[:SHOWN]
    near = near_labels(shown, known)
    parts = [
        f"{written(label, shown)} ({unknown[label]:,} row{'s' if unknown[label] > 1 else ''}"
        + (f"; did you mean {written(near[label], [label])}?)" if label in near else ")")
        for label in shown
    ]
    more = f" and {len(ordered) - SHOWN:,} more" if len(ordered) > SHOWN else ""
    return f"{why.capitalize()} {', '.join(parts)}{more}: not counted, while the rows are, with their other labels."


def _listed(labels: list[str], most: int = 5) -> str:
    return ", ".join(repr(label[:40]) for label in labels[:most]) + (", ..." if len(labels) > most else "")
