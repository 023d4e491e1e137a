"""The defaults that depend on how much there is to learn from: docs/explanation/small-and-large-data.md has the runs.

Of few rows, a network needs small steps and every word, and the n-grams learn beside it. Of many, frequent words and
larger steps are as good and faster, and the n-grams are fitted first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from recurra.many_to_one.options import TextModelOptions
from recurra.options.word_vectors import names_a_file
from recurra.training.epochs import EpochBudget
from recurra.training.split import validation_share

FEW_ROWS = 18_000
"""With fewer training rows, the defaults are those for few rows."""
MANY_CLASSES = 20
"""With more classes there is much to tell apart: n-grams learn beside the network however many rows there are, and the
network takes large steps."""

FEW: dict[str, Any] = {
    "learning_rate": 1e-3,
    "min_count": 1,
    "word_dropout": 0.2,
    "ngrams": 2,
    "subwords": "weights",
}
FROM_FILE: dict[str, Any] = FEW | {"learning_rate": 3e-3, "word_dropout": 0.1}
"""Of few rows, with word vectors from a file or a base: they are known already, and need less care."""
MANY: dict[str, Any] = {
    "learning_rate": 6e-3,
    "min_count": 2,
    "word_dropout": 0.35,
    "ngrams": 3,
    "subwords": "none",
}

EPOCHS, FEW_EPOCHS = EpochBudget(rows=70_000), EpochBudget(rows=45_000)
"""Epochs of many rows or classes, and of few."""
STUDENT: dict[str, Any] = {"hidden": 96}
"""Of a network that learns from unlabelled texts as well: there is more to learn, and more to learn it from."""
STUDENT_EPOCHS = 3
"""It reads all its texts so often at least."""

Sized = TypeVar("Sized", bound=TextModelOptions)


def few(rows: int) -> bool:
    """Return whether so many training rows are few."""
    return rows < FEW_ROWS


def sized(options: Sized, rows: int, classes: int, based: bool = False) -> Sized:
    """Return the options where those that are left to the numbers of training rows and classes have their value.

    based: whether the network starts from a base."""
    known = based or names_a_file(options.word_vectors)
    defaults = MANY if not few(rows) else FROM_FILE if known else FEW
    if classes > MANY_CLASSES:
        defaults = defaults | {"learning_rate": MANY["learning_rate"]}
    chosen = {name: value for name, value in defaults.items() if getattr(options, name) in (None, "auto")}
    order = chosen.get("ngrams", options.ngrams)
    if "subwords" in chosen and (options.level not in (None, "word") or not order):
        chosen["subwords"] = "none"  # there are no words to spell, or no n-grams to weigh
    return options.model_copy(update=chosen)


def valid_share(options: TextModelOptions, rows: int) -> float:
    """Return the share of `rows` training rows to validate with: `options.valid`, or less of many.

    Of fewer than 40 rows it is that of two of them, a tenth at most: a twentieth of so few may be none.
    """
    return max(validation_share(options.valid, rows), min(0.1, 2 / max(1, rows)))


def epochs_for(options: TextModelOptions, rows: int, classes: int, unlabelled: int = 0) -> int:
    """Return how many epochs the training rows are read, and the unlabelled texts with them: `options.epochs`, or the
    default."""
    budget = FEW_EPOCHS if few(rows) and classes <= MANY_CLASSES else EPOCHS
    if unlabelled:
        budget = replace(budget, fewest=STUDENT_EPOCHS)
    return budget.epochs(options, rows + unlabelled)


def student(options: Sized) -> Sized:
    """Return the options of a network that learns from unlabelled texts as well, where they are not given."""
    chosen = {name: value for name, value in STUDENT.items() if name not in options.model_fields_set}
    return options.model_copy(update=chosen)


def ngrams_first(rows: int, classes: int) -> bool:
    """Return whether the n-grams are fitted before the network, rather than beside it."""
    return not few(rows) and classes <= MANY_CLASSES
