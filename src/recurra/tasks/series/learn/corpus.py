"""What is learnt from: series with their labels or numbers, read, divided, and looked at."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.catalog import resolve
from recurra.data.fingerprint import Fingerprint
from recurra.data.label_order import class_order
from recurra.data.label_spelling import (
    clash_sentences,
    clashes,
    is_blank,
    looks_missing,
    missing_sentences,
    unknown_sentence,
)
from recurra.data.series.missing import fill
from recurra.data.series.number_text import NotANumber, numbers
from recurra.data.series.series_set import SeriesSet
from recurra.errors import LabelError, brief
from recurra.report.verdict import FEW_ROWS
from recurra.tasks.series.learn.division import divide
from recurra.tasks.series.learn.fit import Rows
from recurra.tasks.series.options import SeriesOptions
from recurra.tasks.series.series_file import answer_column, kind_of, labels_of, read_file, targets_of, without
from recurra.tasks.series.shape import Kind
from recurra.training.split import Parts
from recurra.training.trainer import RunContext

FLAT = 0.5
"""Share of series in which a channel does not change at all, above which a finding names it."""
SHOWN = 5


@dataclass(frozen=True)
class Corpus:
    """N series.

    series: those of DATA, and then those of --test. kind: what is predicted. labels: their names, in the order of the
    outputs; none of numbers. targets: [N], the number of the label (-1: not one of them), or the number itself. parts:
    which train, validate and are held out. findings: what people should know of them, in sentences. facts: "data" of
    metrics.json.
    """

    series: SeriesSet
    kind: Kind
    labels: list[str]
    targets: NDArray[np.int64] | NDArray[np.float64]
    parts: Parts
    findings: list[str] = field(repr=False)
    facts: dict[str, Any] = field(repr=False)

    def rows(self, mask: NDArray[np.bool_]) -> Rows:
        """Return some of the series with what is to be learnt of each. mask: [N]."""
        chosen = np.flatnonzero(mask)
        return Rows([self.series.values[row] for row in chosen], self.targets[chosen])

    @property
    def learnt(self) -> NDArray[np.bool_]:
        """[N]: which series are learnt from, those of validation among them."""
        return self.parts.train | self.parts.valid


def read_corpus(options: SeriesOptions, context: RunContext) -> Corpus:
    """Return the series of a run.

    Raises ReadError, ColumnError, DataError and OptionError for data that cannot be read, LabelError for what cannot be
    divided or learnt.
    """
    source = resolve(context.data, holds="labelled series")
    column = ""

    def wanted(columns: Sequence[str]) -> list[str]:
        nonlocal column
        column = column or answer_column(options, None, columns, context.data)
        return [column, *([options.group] if options.group else [])]

    context.reporter.info(f"Reading {context.data}.")
    found, said = read_file(source.path, options, context.reporter, wanted=wanted, rejects=context.rejects)
    kind, first = kind_of(options, column), len(found.ids)
    findings = [f"{context.data}: {note}" for note in found.notes]
    test = options.test or (None if source.test is None else str(source.test))
    if test:
        held_out, _ = read_file(
            test,
            options,
            context.reporter,
            wanted=wanted,
            channels=found.channels,
            rejects=context.rejects.with_suffix(".test.rejects"),
        )
        findings += [f"{test}: {note}" for note in held_out.notes]
        found = _together(found, held_out)
    of_data = np.arange(len(found.ids)) < first
    if not found.known.all():
        findings.append(f"{int((~found.known).sum()):,} series without a value, all frames missing, are left out.")
        found, of_data = without(found, found.known), of_data[found.known]
    if options.missing == "refuse":
        for name, values in zip(found.ids, found.values, strict=True):
            fill(
                values, "refuse", np.zeros(len(found.channels), dtype=np.float32), series=name, channels=found.channels
            )
    answers, known = _answers(found, column, kind, context.data)
    if not known.all():
        findings.append(
            f"{(~known).sum():,} series without {'a label' if kind == 'classify' else 'a number'} in the column "
            f"'{column}' are left out."
        )
        found, of_data, answers = without(found, known), of_data[known], answers[known]
    first = int(of_data.sum())
    if first < 2:
        raise LabelError(f"Only {first} series can be learnt from. Give more, and check the column '{column}'.")
    if kind == "classify" and first > 2:
        _check_classes(answers[:first], column)
    groups = None if options.group is None else found.columns[options.group]
    digests = [hashlib.blake2b(values.tobytes(), digest_size=16).digest() for values in found.values]
    strata = np.unique(answers, return_inverse=True)[1] if kind == "classify" else np.zeros(len(answers))
    parts = divide(strata.astype(np.int64), digests, groups, first, options.model_copy(update={"test": test}))
    labels: list[str] = []
    targets: NDArray[Any] = answers
    if kind == "classify":
        labels, targets = _numbered_labels(answers, parts, findings)
    elif len(set(answers[parts.train].tolist())) < 2:
        raise LabelError(f"All numbers in the column '{column}' are the same: there is nothing to predict.")
    findings += _findings(found, answers, digests, parts)
    fingerprint, of_training = Fingerprint(), ""
    for row, (answer, values) in enumerate(zip(answers, found.values, strict=True), 1):
        fingerprint.add(answer, values)
        of_training = fingerprint.hexdigest() if row == first else of_training
    lengths = np.array([len(values) for values in found.values])
    return Corpus(
        found,
        kind,
        labels,
        targets,
        parts,
        findings,
        {
            "name": Path(context.data).name,
            "how": source.how if source.test else f"the file {Path(context.data).name}",
            "fingerprint": fingerprint.hexdigest(),
            "training_fingerprint": of_training,
            "rows": len(found.ids),
            "channels": list(found.channels),
            "steps": {"least": int(lengths.min()), "median": float(np.median(lengths)), "most": int(lengths.max())},
            "missing_values": int(sum(np.isnan(values).sum() for values in found.values)),
            "label" if kind == "classify" else "target": column,
            **said,
        },
    )


def _together(found: SeriesSet, held_out: SeriesSet) -> SeriesSet:
    """Return the series of two files as one set."""
    return SeriesSet(
        found.channels,
        found.ids + held_out.ids,
        found.values + held_out.values,
        {name: values + held_out.columns[name] for name, values in found.columns.items() if name in held_out.columns},
        [],
    )


def _answers(found: SeriesSet, column: str, kind: Kind, path: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the label or the number of each series, and whether it has one: [N] both."""
    if kind == "regress":
        numbers = targets_of(found, column, path)
        return numbers, ~np.isnan(numbers)
    labels = labels_of(found, column)
    return np.array(labels, dtype=object), np.array([not is_blank(label) for label in labels])


def _check_classes(labels: NDArray[Any], column: str) -> None:
    """Raise LabelError where the labels [N] are no classes: all different, or numbers that are different for most."""
    counts = Counter(labels.tolist())
    if len(counts) == len(labels):
        raise LabelError(
            f"All {len(labels):,} series have different labels, and a class needs several. Check --label; numbers to "
            "predict are named with --target."
        )
    if len(counts) > len(labels) / 2:
        try:
            numbers(list(counts))
        except NotANumber:
            return
        raise LabelError(
            f"The column '{column}' holds {len(counts):,} different numbers in {len(labels):,} series: too many to be "
            f"classes. To predict the number, name it with --target {column}."
        )


def _numbered_labels(answers: NDArray[Any], parts: Parts, findings: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the labels in order and the number of each series' label, -1 for one that no training row has; such rows
    leave the parts. Raises LabelError where the labels cannot be learnt."""
    labels = class_order(set(answers[parts.train].tolist()))
    if len(labels) < 2:
        raise LabelError(
            f"All series to learn from have the label {labels[0]!r}; learning needs at least two. Check --label."
        )
    index = {label: number for number, label in enumerate(labels)}
    targets = np.array([index.get(label, -1) for label in answers], dtype=np.int64)
    unknown = (targets < 0) & (parts.test | parts.valid)
    if unknown.any():
        parts.test &= ~unknown
        parts.valid &= ~unknown
        counts = Counter(answers[unknown].tolist())
        findings.append(unknown_sentence(counts, labels, "no training series has their label:", what="series"))
        if not parts.test.any() or not parts.valid.any():
            raise LabelError("No series is left to evaluate on. " + findings[-1])
    return labels, targets


def _findings(found: SeriesSet, answers: NDArray[Any], digests: Sequence[bytes], parts: Parts) -> list[str]:
    """Return what people should know of the series before they are learnt from, in sentences."""
    findings = []
    if answers.dtype == object:
        counts = dict(Counter(answers.tolist()).most_common())
        findings += clash_sentences(clashes(counts), what="series")
        if any(map(looks_missing, counts)):
            findings += missing_sentences(counts, what="series")
        if alone := [label for label, count in counts.items() if count == 1]:
            whose = f"The label {brief(alone[0])} has" if len(alone) == 1 else f"{_some(alone)} have"
            findings.append(
                f"{whose} a single series, which can be learnt from or judged on, and not both. Give more of them, or "
                "leave it out."
            )
    first: dict[bytes, int] = {}
    repeats = contradictions = 0
    for row, digest in enumerate(digests):
        if (earlier := first.setdefault(digest, row)) != row:
            repeats += 1
            contradictions += answers[earlier] != answers[row]
    if repeats:
        contrary = f", {contradictions:,} of them with another answer" if contradictions else ""
        findings.append(f"{repeats:,} series repeat an earlier one{contrary}.")
    flat = np.array([_unchanging(values) for values in found.values if len(values) > 1])
    for channel, share in zip(found.channels, flat.mean(axis=0) if len(flat) else (), strict=False):
        if share > FLAT:
            findings.append(f"In {share:.0%} of the series the channel {channel!r} does not change.")
    if (single := sum(len(values) == 1 for values in found.values)) and single < len(found.values):
        findings.append(f"{single:,} series have a single frame.")
    if (held := int(parts.test.sum())) < FEW_ROWS:
        findings.append(f"{held} series are held out: the intervals are wide, and small differences mean nothing.")
    return findings


def _some(labels: Sequence[str]) -> str:
    """Return labels in words, the first of many."""
    named = ", ".join(brief(label) for label in labels[:SHOWN])
    return f"The labels {named}" + (f" and {len(labels) - SHOWN:,} more" if len(labels) > SHOWN else "")


def _unchanging(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which channels of a series [T, C] have values that are all equal: [C]."""
    known = np.isfinite(values)
    largest, least = np.where(known, values, -np.inf).max(axis=0), np.where(known, values, np.inf).min(axis=0)
    return np.asarray(known.any(axis=0) & (largest == least))
