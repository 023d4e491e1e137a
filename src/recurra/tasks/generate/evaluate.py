"""Evaluate a language model on a text. Base installation only."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from recurra.data.tables.learnt import learnt_by, learnt_encoding
from recurra.options.reading import EncodingOptions
from recurra.tasks.generate.metrics import accuracy_scores, likelihood_scores
from recurra.tasks.generate.model import Generator
from recurra.tasks.generate.reading import read_text, table_name
from recurra.tasks.generate.tokenizer import UNKNOWN
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter


def evaluate(model: Generator, data: str, options: EncodingOptions, reporter: Reporter) -> dict[str, Any]:
    """Return how likely the model finds the text in the file `data`, with 95 % intervals, None where it is too short.

    Raises ReadError and OptionError.
    """
    reporter.info(f"Reading {data}.")
    if kind := table_name(Path(data)):
        reporter.info(f"{data} is read as one text, with the column names and the punctuation of {kind}.")
    text = read_text(Path(data), learnt_encoding(data, options, learnt_by(model.manifest), reporter))
    warn_of_training_data(model.manifest, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), reporter)
    nats, right = model.read(text)
    ids = model.tokenizer.encode(text)
    unknown = int((ids == UNKNOWN).sum())
    if unknown:
        reporter.info(f"{unknown:,} of {len(ids):,} symbols are unknown to the model; they all count as one symbol.")
    scores = likelihood_scores(nats, len(text) if model.tokenizer.level != "word" else None)
    return scores | {
        **accuracy_scores(right),
        "rows": len(nats),
        "characters": len(text),
        "unknown_rate": unknown / len(ids),
        "level": model.tokenizer.level,
    }
