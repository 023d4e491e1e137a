"""Evaluate a classifier on labelled data. Base installation only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from recurra.data.fingerprint import Fingerprint
from recurra.data.label_spelling import counted, is_blank, unknown_sentence
from recurra.data.normalise import normalise
from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import LabelError
from recurra.many_to_one.options import ReadOptions
from recurra.many_to_one.reading import open_data
from recurra.many_to_one.unknown_words import KnownWords
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.scores import evaluate as scores
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter

ROWS_AT_ONCE = 4096
NOT_KNOWN = "the model does not know their label:"


def evaluate(model: Classifier, data: str, options: ReadOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on `data`; see `scores.evaluate`, plus unknown_label_rows, unknown_labels (label to
    rows), left_out_rows, classes_without_rows, nothing_known_rows and unknown_rate (the share of unknown tokens).

    Rows without a text or a label are left out and counted, as are rows whose label the model does not know. Broken
    rows that are skipped go to `rejects_here`.
    Raises LabelError where no row is left, ReadError and ColumnError.
    """
    opened = open_data(data, options, reporter, rejects=rejects_here(data), manifest=model.manifest)
    index_of = {str(label): i for i, label in enumerate(model.classes_.tolist())}
    probabilities, targets, tokens, truncated = [], [], [], []
    unknown: dict[str, int] = {}
    left_out, known = 0, KnownWords()
    fingerprint = Fingerprint()

    def known_rows() -> Iterator[tuple[str, int]]:
        nonlocal left_out
        for text, label in opened.rows():
            if not text or not label or is_blank(label) or not normalise(text):
                left_out += 1
                continue
            fingerprint.add(text, label)
            if label not in index_of:
                unknown[label] = unknown.get(label, 0) + 1
            else:
                yield text, index_of[label]

    rows = reporter.track(known_rows(), "Scoring")
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        for answer in model.predict_iter(text for text, _ in chunk):
            known.add(answer)
            probabilities.append(answer.probabilities)
            tokens.append(answer.tokens)
            truncated.append(answer.truncated)
        targets += [target for _, target in chunk]
    report_rejected(opened.table, reporter)
    if not targets:
        seen = f"the data have {counted(unknown, most=5)}" if unknown else "the data have no labelled row"
        near = f" {unknown_sentence(unknown, index_of, NOT_KNOWN)}" if unknown else ""
        raise LabelError(f"No row can be used: the model knows the labels {_listed(list(index_of))}; {seen}.{near}")
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    if unknown:
        ordered = dict(sorted(unknown.items(), key=lambda item: -item[1]))
        reporter.info(unknown_sentence(ordered, index_of, NOT_KNOWN))
    if left_out:
        reporter.info(f"{left_out:,} rows without a text or without a label are not counted.")
    result = scores(
        np.concatenate(probabilities),
        targets,
        list(index_of),
        np.concatenate(tokens),
        np.concatenate(truncated),
        decision=model.decision,
        ordered=model.ordered,
    )
    for sentence in known.sentences(model.manifest, "They count as any other."):
        reporter.info(sentence)
    return result | {
        "unknown_label_rows": sum(unknown.values()),
        "unknown_labels": unknown,
        "left_out_rows": left_out,
        "classes_without_rows": [row["label"] for row in result["per_class"] if not row["support"]],
        "nothing_known_rows": known.nothing_known,
        "unknown_rate": known.unknown_rate,
    }


def _listed(labels: list[str], most: int = 5) -> str:
    return ", ".join(repr(label[:40]) for label in labels[:most]) + (", ..." if len(labels) > most else "")
