"""Evaluate a translator on texts whose translations are known."""

from __future__ import annotations

from typing import Any

from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import DataError
from recurra.tasks.task import warn_of_training_data
from recurra.tasks.translate.metrics import translation_scores
from recurra.tasks.translate.model import Translator
from recurra.tasks.translate.options import TranslateEvaluateOptions
from recurra.tasks.translate.parallel_corpus import ParallelCorpus
from recurra.tasks.translate.reading import open_pairs
from recurra.terminal.progress import Reporter


def evaluate(model: Translator, data: str, options: TranslateEvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return BLEU, chrF and the rest on the pairs of `data`, with 95 % intervals: see `metrics.translation_scores`.

    Pairs with an empty side are left out and counted. Broken rows that are skipped go to `rejects_here`. Raises
    ReadError, ColumnError, and DataError where no pair is left.
    """
    table = open_pairs(
        data, options, reporter, target_file=options.target_file, rejects=rejects_here(data), manifest=model.manifest
    )
    reporter.info(f"Reading {table.how}.")
    pairs = ParallelCorpus()
    try:
        for pair in reporter.track(table.rows(), "Reading"):
            pairs.add(*pair)
        report_rejected(table, reporter)
        if not len(pairs):
            raise DataError(f"{data} has no pair with two sides. Check --source and --target, or --target-file.")
        warn_of_training_data(model.manifest, pairs.fingerprint, reporter)
        sources, references = list(pairs.sources), list(pairs.targets)
    finally:
        pairs.close()
    translations = model.translate_iter(sources, beam=options.beam, length_penalty=options.length_penalty)
    written = list(reporter.track(translations, "Translating"))
    return translation_scores(model, sources, references, written) | {"left_out_rows": pairs.empty}
