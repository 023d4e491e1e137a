"""Evaluate a tagger on tagged sentences. Base installation only."""

from __future__ import annotations

from itertools import islice
from typing import Any

from recurra.data.fingerprint import Fingerprint
from recurra.data.tables.rejects import rejects_here
from recurra.tasks.tag.familiarity import check_judged, unknown_words_findings
from recurra.tasks.tag.metrics import score_tags, unknown_tags_message
from recurra.tasks.tag.model import SENTENCES_IN_MEMORY, Tagger
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_like_training, report_skipped
from recurra.tasks.tag.schemes import SchemeCount, inner_tags
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter


def evaluate(model: Tagger, data: str, options: TaggedFileOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on the sentences of `data`; see `metrics.score_tags`.

    Words whose tag the model does not know count as wrong, and are reported. Raises ReadError and ColumnError,
    and LabelError where the model knows none of the tags.
    """
    file = open_like_training(data, options, model.manifest, reporter, rejects=rejects_here(data))
    reporter.info(f"Reading {data}; {file.columns_in_words}.")
    schemes = SchemeCount(model.scheme)
    gold: list[list[str]] = []
    predicted: list[list[str]] = []
    known: list[list[bool]] = []
    fingerprint = Fingerprint()
    sentences = reporter.track((sentence for sentence in file.sentences() if sentence.words), "Tagging")
    while chunk := list(islice(sentences, SENTENCES_IN_MEMORY)):
        for sentence in chunk:
            fingerprint.add("\t".join(sentence.words), "\t".join(sentence.tags))
            schemes.add(sentence.tags, f"the sentence at {file.unit} {sentence.line:,}")
            gold.append(sentence.tags)
            known.append([model.word_features.knows(word) for word in sentence.words])
        predicted += model.inner_tags([sentence.words for sentence in chunk])
    report_skipped(file, reporter)
    if model.scheme:
        gold = [inner_tags(tags, schemes.scheme) for tags in gold]
        for finding in schemes.findings():
            reporter.info(f"Data: {finding}")
    check_judged(data, (tag for tags in gold for tag in tags), model.tags)
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    result = score_tags(gold, predicted, model.tags, known)
    if result["unknown_tags"]:
        reporter.info(unknown_tags_message(result["unknown_tags"], model.tags))
    metrics = model.manifest.metrics if model.manifest else {}
    for finding in unknown_words_findings(result["unknown_words"]["words"], result["words"], metrics):
        reporter.info(f"Data: {finding}")
    return result
