"""What to tell of the rows before training: the classes, odd labels, what is held out, unknown words and cut texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from recurra.data.label_spelling import counted, unknown_sentence
from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.data_quality import findings
from recurra.many_to_one.learn.vocabulary import Vocabulary, fit_vocabulary
from recurra.many_to_one.options import ModelOptions
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.many_to_one.unlabelled_facts import leak_findings
from recurra.storage.base import Base
from recurra.tasks.classify.label_findings import class_list, label_findings
from recurra.tasks.classify.learn.split import NOT_IN_TRAINING, LabelledParts
from recurra.tasks.classify.learn.verdict import MUCH_UNKNOWN
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
    base: Base | None = None,
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
    bare = _without_held_out(corpus, labels, parts)
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
    sentences += _token_findings(corpus, tokens, options)
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


def token_counts(corpus: Corpus, parts: LabelledParts, options: ModelOptions, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return tokens and vocabulary; truncated_rows and lost_tokens, what is cut from all rows; unknown_rate, the share
    of tokens outside the vocabulary in the held-out rows, or in the validation rows where none are held out."""
    limit = options.max_tokens
    lost = np.maximum(0, corpus.counts - limit) if limit else np.zeros(len(corpus), dtype=np.int64)
    return {
        "tokens": int(corpus.counts.sum()),
        "vocabulary": vocabulary.tokenizer.size,
        "truncated_rows": int((lost > 0).sum()),
        "lost_tokens": int(lost.sum()),
        "unknown_rate": corpus.unknown_share(vocabulary.table, parts.test if parts.test.any() else parts.valid),
    }


def _without_held_out(corpus: Corpus, labels: list[str], parts: LabelledParts) -> list[str]:
    """Return the classes that no held-out row has; none where no row at all is held out."""
    if not parts.test.any():
        return []
    held = {corpus.label_names[i] for i in np.unique(corpus.labels[parts.test])}
    return [label for label in labels if label not in held]


def _token_findings(corpus: Corpus, tokens: dict[str, Any], options: ModelOptions) -> list[str]:
    found = []
    if tokens["unknown_rate"] >= MUCH_UNKNOWN:
        often = options.min_count or 1
        rare = f"have them less than {often} times" if often > 1 else "do not have them"
        reason = (
            "the texts have no spaces between words, and what has no space in it is read as one word. "
            "Give --level bpe, so that parts of words are read."
            if options.level == "word" and corpus.fitting_level(np.ones(len(corpus), dtype=bool)) != "word"
            else f"the training rows {rare}. The answers go by the others and by the spelling of these; more rows "
            "would help, or --level bpe, which reads parts of words."
            if options.level == "word" and options.subwords in ("weights", "vectors")
            else f"the training rows {rare}. The answers rest on the others alone; more rows would help, or --level "
            "bpe, which reads parts of words."
            if options.level == "word"
            else "the training rows do not have them. The answers rest on the others alone; more rows would help."
        )
        found.append(f"{tokens['unknown_rate']:.0%} of the held-out tokens are unknown: {reason}")
    if tokens["truncated_rows"]:
        kept = {"head": "their beginning", "tail": "their end", "both": "both their ends"}[options.truncate]
        share = tokens["lost_tokens"] / tokens["tokens"]
        found.append(
            f"{tokens['truncated_rows']:,} of {len(corpus):,} texts are longer than {options.max_tokens:,} tokens "
            f"(--max-tokens) and are cut to {kept}; {share:.1%} of all tokens are not read."
        )
    return found
