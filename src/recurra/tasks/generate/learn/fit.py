"""From a text in parts to a trained language model and its exported graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.kernel.layout import RECURRENT_GATES
from recurra.storage.model_directory import MODEL
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.learn.ngram_fit import FittedNgrams, fit_ngrams
from recurra.tasks.generate.learn.objective import LongText, NextSymbol
from recurra.tasks.generate.options import GenerateOptions
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.generate.tokenizer import SymbolTokenizer
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors

EPOCHS = {
    "char": EpochBudget(rows=23_000_000, most=40),
    "word": EpochBudget(rows=9_000_000, most=40),
    "bpe": EpochBudget(rows=9_000_000, most=40),
}
"""The default number of epochs by token unit; rows are symbols."""
WEIGHT_DROPOUT, MANY_EPOCHS = 0.3, 10
"""The default of weight_dropout for characters that are read in so many epochs."""


@dataclass(frozen=True, kw_only=True)
class FittedLanguageModel(Fitted[LanguageShape]):
    """A trained language model.

    lanes: B, the parts of the text that a training step read in parallel. weight_dropout: the share
    of the recurrent weights that one dropped. ngrams: what stands beside the network.
    """

    lanes: int
    weight_dropout: float
    ngrams: FittedNgrams | None = None


def fit_language_model(
    tokenizer: SymbolTokenizer,
    training: NDArray[np.int32],
    validation: NDArray[np.int32],
    known: NDArray[np.int32],
    options: GenerateOptions,
    *,
    control: RunControl = UNATTENDED,
    tell: Callable[[str], None] = lambda sentence: None,
) -> FittedLanguageModel:
    """Train on the ids `training` and validate with the ids `validation`.

    known: both together, in the order of the text, whose n-grams stand beside the network. tell: takes a sentence on
    what is done.
    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    setup = prepare(options)
    require_rows(len(training), len(validation), "symbols", "Give more text.", fewest=2)
    shape = shape_of(tokenizer, options)
    train = LongText(training, min(options.unroll, len(training) - 1))
    lanes = train.lanes(options.batch)
    epochs = EPOCHS[tokenizer.level].epochs(options, len(training))
    weight_dropout = weight_dropout_of(options, epochs)
    network = LanguageNetwork(shape, options.dropout, weight_dropout, lanes=lanes).to(setup.device)
    valid = LongText(validation, train.bptt)
    history = fit_network(network, NextSymbol(), train, valid, options, setup, epochs=epochs, control=control)
    graph, weights = checked_graph(network.cpu(), seed=options.seed)
    ngrams = None
    if options.ngrams != 0:
        tell("Counting n-grams of the text to stand beside the network ...")
        session = LanguageSession(graph, symbols=tokenizer.size)
        ngrams = fit_ngrams(session, training, validation, known, start=tokenizer.start(), order=options.ngrams)
        shape = shape.model_copy(update={"ngrams": ngrams.order})
    return FittedLanguageModel(
        shape=shape,
        graphs={MODEL: graph},
        weights=weights,
        history=history,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        lanes=lanes,
        weight_dropout=weight_dropout,
        ngrams=ngrams,
    )


def weight_dropout_of(options: GenerateOptions, epochs: int) -> float:
    """Return the share of the recurrent weights to drop: `options.weight_dropout`, or the default."""
    if options.weight_dropout is not None:
        return options.weight_dropout
    if not RECURRENT_GATES[options.cell]:
        return 0.0
    return WEIGHT_DROPOUT if options.level == "char" and epochs >= MANY_EPOCHS else 0.0


def shape_of(tokenizer: SymbolTokenizer, options: GenerateOptions) -> LanguageShape:
    """Return the network's shape. Raises OptionError where it would be too large."""
    with shape_errors_as_option_errors():
        return LanguageShape(
            level=tokenizer.level,
            vocabulary=tokenizer.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            tied=tokenizer.level != "char" if options.tied is None else options.tied,
        )
