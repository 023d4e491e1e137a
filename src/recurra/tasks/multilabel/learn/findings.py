"""What to tell of the rows before training: the labels, odd ones, what is held out, unknown words and cut texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recurra.data.label_spelling import SHOWN, clash_sentences, clashes, counted, missing_sentences
from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.data_quality import findings
from recurra.many_to_one.learn.findings import token_counts, token_findings
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import fit_vocabulary
from recurra.many_to_one.options import ModelOptions
from recurra.storage.base import Base
from recurra.tasks.multilabel.evaluate import unknown_labels_sentence
from recurra.tasks.multilabel.learn.split import LabelledParts, Members
from recurra.terminal.progress import Reporter
from recurra.training.word_vectors import vector_findings

FEW_ROWS = 10
"""With fewer training rows a label is hardly learnt."""
NOT_IN_TRAINING = "no training row has"


def report_findings(
    corpus: Corpus,
    labels: list[str],
    members: Members,
    parts: LabelledParts,
    options: ModelOptions,
    reporter: Reporter,
    notes: Sequence[str] = (),
    base: Base | Trained | None = None,
) -> dict[str, Any]:
    """Report the labels and what is odd about the data; return "hygiene" of metrics.json.

    members: [N, L]; notes: sentences on how the file is read, which come first; base: what the network starts from.

    That is the report of `DataQuality`, whose classes are sets of labels and are left out; findings, in sentences;
    label_rows, the rows of each label that are used; label_sets, how many different sets there are; none_rows, rows
    without a label; without_held_out, the labels that no held-out row has; tokens: see `token_counts`.
    """
    used = parts.train | parts.valid | parts.test
    rows = dict(zip(labels, members[used].sum(axis=0).tolist(), strict=True))
    bare = [] if not parts.test.any() else [labels[k] for k in np.flatnonzero(~members[parts.test].any(axis=0))]
    few = [labels[k] for k in np.flatnonzero(members[parts.train].sum(axis=0) < FEW_ROWS)]
    vocabulary = fit_vocabulary(corpus, parts.train, options, None, base)
    tokens = token_counts(corpus, parts, options, vocabulary)
    quality = corpus.quality.report()
    sentences = [*notes, *label_findings(rows)]
    if parts.unknown:
        sentences.append(unknown_labels_sentence(parts.unknown, labels, NOT_IN_TRAINING))
    if bare:
        sentences.append(
            f"{len(bare):,} {'label has' if len(bare) == 1 else 'labels have'} no held-out row, so nothing is known of "
            f"how well {'it is' if len(bare) == 1 else 'they are'} found: "
            f"{counted({name: rows[name] for name in bare}, most=5)}."
        )
    if few:
        sentences.append(
            f"{len(few):,} {'label has' if len(few) == 1 else 'labels have'} fewer than {FEW_ROWS} training rows: "
            f"{counted({name: rows[name] for name in few}, most=5)}; expect to find little of "
            f"{'it' if len(few) == 1 else 'them'}."
        )
    sentences += token_findings(corpus, tokens, options)
    if vocabulary.of_base is not None and base is not None:
        sentences += vocabulary.of_base.findings(base.path)
    if vocabulary.vectors and vocabulary.facts:
        sentences += vector_findings(vocabulary.facts, vocabulary.vectors.vectors.notes)
    none_rows = int((~members[used].any(axis=1)).sum())
    quality["findings"] = findings(quality | {"classes": {}}, sentences)
    reporter.info(_labels_in_words(rows, none_rows, int(used.sum())))
    for sentence in quality["findings"]:
        reporter.info(f"Data: {sentence}")
    if vocabulary.facts:
        reporter.info(f"Word vectors: {vectors_in_words(vocabulary.facts)}.")
    sets = len(quality.pop("classes"))
    quality.pop("majority_share")
    return quality | {
        "label_rows": rows,
        "label_sets": sets,
        "none_rows": none_rows,
        "without_held_out": bare,
        "tokens": tokens,
    }


def label_findings(rows: Mapping[str, int]) -> list[str]:
    """Return in plain sentences what is odd about the labels, if anything is. rows: of each label."""
    return clash_sentences(clashes(rows)) + missing_sentences(rows)


def _labels_in_words(rows: Mapping[str, int], none_rows: int, used: int) -> str:
    ordered = dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
    each = sum(rows.values()) / max(1, used)
    none = f"; {none_rows:,} rows have none" if none_rows else ""
    return f"Labels ({len(rows):,}, {each:.2f} a row{none}): {counted(ordered, most=SHOWN)}."
