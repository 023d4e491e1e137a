"""What to tell of the rows before training: the classes, odd labels, what is held out, unknown words and cut texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from recurra.data.label_spelling import counted, unknown_sentence
from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.data_quality import findings
from recurra.many_to_one.learn.findings import token_counts, token_findings
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import fit_vocabulary
from recurra.many_to_one.options import ModelOptions
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.many_to_one.unlabelled_facts import leak_findings
from recurra.storage.base import Base
from recurra.tasks.classify.label_findings import class_list, label_findings
from recurra.tasks.classify.learn.split import NOT_IN_TRAINING, LabelledParts
from recurra.terminal.progress import Reporter
from recurra.training.word_vectors import vector_findings


def report_findings(
    corpus: Corpus,
    labels: list[str],
    parts: LabelledParts,
    options: ModelOptions,
    reporter: Reporter,
    notes: Sequence[str] = (),
    beside: UnlabelledTexts | None = None,
    base: Base | Trained | None = None,
) -> dict[str, Any]:
    """Report the classes and what is odd about the data; return "hygiene" of metrics.json.

    notes: sentences on how the file is read, which come first; beside: texts without labels that train as well; base:
    what the network starts from.

    That is the report of `DataQuality`; findings, in sentences; class_rows, the rows of each class that are used;
    without_held_out, the classes that no held-out row has; tokens: see `token_counts`.
    """
    used = corpus.labels[parts.train | parts.valid | parts.test]
    numbers = np.bincount(used, minlength=len(corpus.label_names))
    known = set(labels)
    rows = {name: int(numbers[i]) for i, name in enumerate(corpus.label_names) if name in known and numbers[i]}
    names, first = np.unique(corpus.labels, return_index=True)
    first_rows = {corpus.label_names[i]: int(corpus.sources[row]) for i, row in zip(names, first, strict=True)}
    bare = _without_held_out(corpus, list(rows), parts)
    vocabulary = fit_vocabulary(corpus, parts.train, options, beside, base)
    tokens = token_counts(corpus, parts, options, vocabulary)
    quality = corpus.quality.report()
    sentences = [*notes, *(leak_findings(beside.counts) if beside else []), *label_findings(rows, first_rows)]
    if parts.unknown:
        sentences.append(unknown_sentence(parts.unknown, labels, NOT_IN_TRAINING))
    if bare:
        sentences.append(
            f"{len(bare):,} {'class has' if len(bare) == 1 else 'classes have'} no held-out row, so nothing is known "
            f"of how well {'it is' if len(bare) == 1 else 'they are'} recognised, and the scores are those of the "
            f"others: {counted({name: rows[name] for name in bare}, most=5)}."
        )
    sentences += token_findings(corpus, tokens, options)
    if vocabulary.of_base is not None and base is not None:
        sentences += vocabulary.of_base.findings(base.path)
    if vocabulary.vectors and vocabulary.facts:
        sentences += vector_findings(vocabulary.facts, vocabulary.vectors.vectors.notes)
    quality["findings"] = findings(quality, sentences)
    reporter.info(class_list(rows))
    for sentence in quality["findings"]:
        reporter.info(f"Data: {sentence}")
    if vocabulary.facts:
        reporter.info(f"Word vectors: {vectors_in_words(vocabulary.facts)}.")
    return quality | {"class_rows": rows, "without_held_out": bare, "tokens": tokens}


def _without_held_out(corpus: Corpus, labels: list[str], parts: LabelledParts) -> list[str]:
    """Return the classes that no held-out row has; none where no row at all is held out."""
    if not parts.test.any():
        return []
    held = {corpus.label_names[i] for i in np.unique(corpus.labels[parts.test])}
    return [label for label in labels if label not in held]
