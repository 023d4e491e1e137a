"""The options of training that goes on from a model: what the model decides, and defaults for fewer, smaller steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.kernel.layout import CELL_NAMES
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import few, sized
from recurra.many_to_one.learn.findings import with_ngrams
from recurra.many_to_one.learn.from_base import given_options, written_option
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import settled
from recurra.many_to_one.options import TextModelOptions
from recurra.options.base import flag
from recurra.options.columns import as_named
from recurra.storage.base import Base
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.epochs import EpochBudget

LEARNING_RATE = 1e-3
"""Of training that goes on: larger steps spoil what is there. docs/explanation/what-was-tried.md has the runs."""
EPOCHS, EPOCHS_ALONE = EpochBudget(rows=40_000, most=2, fewest=1), EpochBudget(rows=40_000, most=5)
"""Epochs of a network with n-grams beside it, whose correction learns most of few rows; and of one alone."""

SHAPE = ("cell", "layers", "hidden", "embedding", "direction", "pooling", "ngrams")
"""Options that the network of the model decides, by the names that its shape has too."""
READING = ("max_tokens", "truncate", "fill", "punctuation", "level")
"""Those that its tokenizer decides, by the names that it has too."""
INHERITED = (
    "dropout", "word_dropout", "window", "calibrate", "ordered", "order", "abstain", "tune_threshold", "positive",
    "class_weight", "threshold", "loss",
)  # fmt: skip
"""Options that stay as the model was trained with, unless others are given."""
DECIDING = ("ordered", "order")
"""Those of them that may not be others: the network was built for them."""
MORE_WORDS = 10_000
"""Words that a vocabulary may grow by, where --vocabulary does not say how large it may be."""
NOT_WITH = {
    "recipe": "the model has a network of its own",
    "folds": "its held-out rows of before are what it is judged on",
    "ensemble": "training goes on with one network",
    "unlabelled": "its teacher and its student both start anew",
    "keep_words": "all words of the model are kept",
    "word_vectors": "the model has word vectors of its own",
}
"""What does not go with a model that training goes on with, and why."""

AnyOptions = TypeVar("AnyOptions", bound=TextModelOptions)


def going_on(options: AnyOptions, trained: Trained) -> AnyOptions:
    """Return the options, as they were given, with what the model decides and the defaults for going on.

    Raises OptionError for one that was given and contradicts the model, or that does not go with one.
    """
    given = given_options(options)
    for name, why in NOT_WITH.items():
        default = type(options).model_fields[name].default if name in type(options).model_fields else None
        if name in given and getattr(options, name) != default:
            raise OptionError(
                f"{written_option(name, getattr(options, name))} does not go with --from {trained.path}, a model to go "
                f"on with: {why}. Leave {flag(name)} out."
            )
    decided = _decided(trained)
    for name in INHERITED:
        if name in trained.config and name in type(options).model_fields and (name in DECIDING or name not in given):
            decided[name] = trained.config[name]
    for name, value in decided.items():
        if name in given and getattr(options, name) != value:
            raise OptionError(
                f"{written_option(name, getattr(options, name))} contradicts --from {trained.path}, which has "
                f"{written_option(name, value)}. Leave {flag(name)} out, or train a new model with it."
            )
    return options.at_level(trained.tokenizer.level).model_copy(update=decided | _room(options, given, trained))


def learnt_options(
    options: AnyOptions,
    corpus: Corpus,
    training: NDArray[np.bool_],
    classes: int,
    start: Base | Trained | None,
) -> AnyOptions:
    """Return the options where those that are left to the `training` rows [N] and the number of classes have their
    value, for a network that begins anew or goes on; the corpus then is at the level of tokens that was chosen."""
    rows = int(training.sum())
    if isinstance(start, Trained):
        return settled_to_continue(settled(corpus, training, options), rows)
    return sized(settled(corpus, training, options), rows, classes, start is not None)


def settled_to_continue(options: AnyOptions, rows: int) -> AnyOptions:
    """Return the options where those that are left to the number of new training rows have their value."""
    defaults = {"learning_rate": LEARNING_RATE, "min_count": 1 if few(rows) else 2}
    return options.model_copy(update={n: v for n, v in defaults.items() if getattr(options, n) is None})


def epochs_to_continue(options: TextModelOptions, rows: int) -> int:
    """Return how many epochs so many new training rows are read: `options.epochs`, or the default."""
    return (EPOCHS if options.ngrams else EPOCHS_ALONE).epochs(options, rows)


def continuing_in_words(
    trained: Trained, options: TextModelOptions, rows: int, labels: Sequence[str], quality: Mapping[str, Any]
) -> str:
    """Return in a few words what is about to be trained. quality: "hygiene" of metrics.json."""
    words = quality["tokens"]["vocabulary"] - trained.tokenizer.size
    more = [f"{words:,} further word{'s'[: words != 1]}"] if words else []
    further = labels[len(trained.labels) :]
    more += [f"{len(further)} further label{'s'[: len(further) != 1]}"] if further else []
    epochs = epochs_to_continue(options, rows)
    beside = f" with {' and '.join(more)}" if more else ""
    return (
        f"Going on with {trained.path} on {rows:,} new rows{beside}: {options.layers} x {CELL_NAMES[options.cell]}"
        f"({options.hidden}), {options.direction}, {options.pooling} pooling, {with_ngrams(options)}{epochs} "
        f"epoch{'s'[: epochs != 1]}"
    )


def _decided(trained: Trained) -> dict[str, Any]:
    shape, tokenizer = trained.shape, trained.tokenizer
    subwords = "none" if not shape.subwords else "vectors" if shape.subword_vectors else "weights"
    return {
        **{name: getattr(shape, name) for name in SHAPE},
        **{name: getattr(tokenizer, name) for name in READING},
        "subwords": subwords,
        **({"text": as_named(tokenizer.columns)} if tokenizer.columns else {}),
    }


def _room(options: TextModelOptions, given: set[str], trained: Trained) -> dict[str, Any]:
    """Return how large the vocabulary may become. Raises OptionError where that is less than it is."""
    tokenizer = trained.tokenizer
    if not isinstance(tokenizer, WordTokenizer):
        for name in sorted({"vocabulary", "min_count"} & given):
            raise OptionError(
                f"{written_option(name, getattr(options, name))} does not go with --from {trained.path}: its tokens "
                f"are no words, and stay as they are. Leave {flag(name)} out."
            )
        return {"vocabulary": trained.shape.vocabulary}
    own = len(tokenizer.words)
    if "vocabulary" not in given:
        return {"vocabulary": own + MORE_WORDS}
    if options.vocabulary < own:
        raise OptionError(
            f"--vocabulary {options.vocabulary} contradicts --from {trained.path}, whose {own:,} words are kept. Give "
            "as many or more, or leave --vocabulary out."
        )
    return {}
