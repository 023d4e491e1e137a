"""Whether the words and the tags of a file are such as a model was trained on, before they are replaced or judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from recurra.data.tables.table import listed
from recurra.errors import ColumnError, LabelError
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.other_files import if_plain
from recurra.tasks.tag.spans import are_spans, marks_span
from recurra.tasks.tag.tagged_file import TaggedFile

SAMPLE = 1_000
"""Sentences of a file that are looked at before it is tagged."""
BLANKS = frozenset(["", "_", "-", "--", "?", "*", "x", "X", "-X-", "O", "none", "None", "null"])
"""What stands in a column of tags that nobody has filled in."""
MANY = 0.3
"""The share of unknown words from which there are many, where it is twice that of the held-out sentences."""

FEWEST = 20
"""Unknown words that are worth a sentence, at least."""


def check_replaced(file: TaggedFile, model: Tagger) -> list[str]:
    """Look at the first sentences of a file to be tagged; return what people should know, in sentences.

    Raises ColumnError where most of what stands in the column of the tags is none of the model's tags, so that it
    would be lost.
    """
    sentences = [each for each in islice(file.sentences(), SAMPLE) if each.words]
    there = Counter(tag for each in sentences for tag in each.tags if tag not in BLANKS)
    of_spans = are_spans(model.tags)
    other = [tag for tag, _ in there.most_common() if tag not in set(model.tags) and not (of_spans and marks_span(tag))]
    if 2 * sum(there[tag] for tag in other) > there.total():
        raise ColumnError(
            f"{file.path}: column {file.tag_column} holds {listed(other, 4)}, and these are no tags of the model "
            f"({listed(model.tags, 4)}): they would be replaced. Name the column of the tags with --tag-column; "
            f"--tag-column {file.tag_column} replaces them."
            + (if_plain(file.path, file.codec) if file.format == "columns" else "")
        )
    words = [word for each in sentences for word in each.words]
    unknown = sum(not model.word_features.knows(word) for word in words)
    return unknown_words_findings(unknown, len(words), model.manifest.metrics if model.manifest else {})


def unknown_words_findings(unknown: int, words: int, metrics: Mapping[str, Any]) -> list[str]:
    """Return a sentence where far more words are unknown than in the held-out sentences of the training.

    metrics: those of the manifest.
    """
    usual = metrics.get("unknown_rate")
    usual = usual if isinstance(usual, float) else 0.0
    if not words or unknown / words < max(MANY, 2 * usual) or unknown < FEWEST:
        return []
    compared = f"; of the held-out ones it was {usual:.0%}" if usual else ""
    return [
        f"{unknown / words:.0%} of the words are not in the model's vocabulary{compared}. Is the column of the words "
        "the right one (--word-column), and the language that of the training?"
    ]


def check_judged(where: str, tags: Iterable[str], known: Iterable[str]) -> None:
    """Raise LabelError where none of the tags to judge by is one that the model knows. where: the file."""
    there, model = sorted(set(tags)), sorted(known)
    if not set(there) & set(model):
        raise LabelError(
            f"{where}: none of its tags ({listed(there, 8)}) is one of the model's ({listed(model, 8)}). Name the "
            "column of the tags with --tag-column."
        )
