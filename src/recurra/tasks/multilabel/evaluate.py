"""Evaluate such a model on labelled data. Base installation only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.label_sets import from_key
from recurra.data.label_spelling import SHOWN, counted, near_labels, written
from recurra.data.normalise import normalise
from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import LabelError
from recurra.evaluation.label_scores import score_labels
from recurra.many_to_one.unknown_words import KnownWords
from recurra.tasks.multilabel.label_rows import open_labels
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import EvaluateOptions
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter

ROWS_AT_ONCE = 4096
NOT_KNOWN = "the model does not know"


def evaluate(model: MultilabelClassifier, data: str, options: EvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on `data`; see `score_labels`, plus unknown_labels (label to rows), left_out_rows,
    truncated_rows, nothing_known_rows and unknown_rate (the share of unknown tokens).

    Rows without a text, or of whose labels nothing is said, are left out and counted. A label that the model does not
    know is left out of its row, which counts with its other labels. Broken rows that are skipped go to `rejects_here`.
    Raises LabelError where no row is left, ReadError and ColumnError.
    """
    if options.threshold is not None:
        model = model.with_thresholds(options.threshold)
    table = open_labels(data, options, reporter, rejects=rejects_here(data), manifest=model.manifest)
    names = [str(label) for label in model.classes_.tolist()]
    index_of = {name: i for i, name in enumerate(names)}
    probabilities: list[NDArray[np.float64]] = []
    members: list[NDArray[np.bool_]] = []
    unknown: dict[str, int] = {}
    left_out, known, truncated = 0, KnownWords(), 0
    fingerprint = Fingerprint()

    def labelled() -> Iterator[tuple[str, NDArray[np.bool_]]]:
        nonlocal left_out
        for text, key in table.rows():
            if not text or key is None or not normalise(text):
                left_out += 1
                continue
            fingerprint.add(text, key)
            row = np.zeros(len(names), dtype=np.bool_)
            for label in from_key(key):
                if label in index_of:
                    row[index_of[label]] = True
                else:
                    unknown[label] = unknown.get(label, 0) + 1
            yield text, row

    rows = reporter.track(labelled(), "Scoring")
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        for answer in model.predict_iter(text for text, _ in chunk):
            known.add(answer)
            probabilities.append(answer.probabilities)
            truncated += int(answer.truncated.sum())
        members += [row for _, row in chunk]
    report_rejected(table.opened.table, reporter)
    for sentence in table.sentences():
        reporter.info(sentence)
    if not members:
        raise LabelError(
            f"No row of {data} has both a text and labels, or an empty list of them. Check --text and --label."
        )
    if unknown and not np.any(members):
        raise LabelError(
            f"No row can be used: the model knows the labels {_listed(names)}; the data have "
            f"{counted(unknown, most=5)}."
        )
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    if unknown:
        reporter.info(unknown_labels_sentence(unknown, names, NOT_KNOWN))
    if left_out:
        reporter.info(f"{left_out:,} rows without a text, or without anything said of their labels, are not counted.")
    result = score_labels(np.concatenate(probabilities), np.array(members), model.thresholds, names)
    for sentence in known.sentences(model.manifest, "They count as any other."):
        reporter.info(sentence)
    return result | {
        "unknown_labels": unknown,
        "left_out_rows": left_out,
        "truncated_rows": truncated,
        "nothing_known_rows": known.nothing_known,
        "unknown_rate": known.unknown_rate,
    }


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
