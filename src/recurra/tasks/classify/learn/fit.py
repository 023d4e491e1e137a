"""From a corpus with chosen training and validation rows to a trained network and its exported graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.storage.model_directory import MODEL, Label
from recurra.tasks.classify.calibration import fit_temperature
from recurra.tasks.classify.corpus import Corpus
from recurra.tasks.classify.engines.choice import exact_engine, kernel_answers
from recurra.tasks.classify.learn.check import checked_graph
from recurra.tasks.classify.learn.choose_precision import choose
from recurra.tasks.classify.learn.examples import Examples
from recurra.tasks.classify.learn.network import ClassifierNetwork
from recurra.tasks.classify.learn.objective import Classification
from recurra.tasks.classify.learn.vocabulary import fit_vocabulary, settled
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ModelOptions
from recurra.tasks.classify.shape import ClassifierShape
from recurra.text.tokenizer import FIRST_WORD, Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.adam import takes_rows
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.counted_vectors import vectors
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network
from recurra.training.memory import return_freed_memory
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors
from recurra.training.word_vectors import with_width

EPOCHS = EpochBudget(rows=70_000)
VECTOR_SCALE = 0.1
"""Standard deviation of word vectors that start from counts."""


@dataclass(frozen=True, kw_only=True)
class FittedClassifier(Fitted[ClassifierShape]):
    """A trained classifier.

    export: how the graph was chosen, see `choose_precision`; temperature: already in the graph; valid: rows, accuracy
    and log loss of the weights that were kept, on the validation rows, and the share of their tokens that are unknown.
    """

    tokenizer: Tokenizer
    export: dict[str, Any]
    temperature: float
    valid: dict[str, Any]

    def model(self, labels: Sequence[Label], threads: int | None = None) -> Classifier:
        """Return the model as it will answer once it is saved. labels: one a class."""
        engine = None
        if self.export["precision"] == "fp32":
            engine = exact_engine(self.shape, self.weights, self.temperature, threads)
        return Classifier(self.tokenizer, self.graph, labels, threads=threads, engine=engine)


def fit_classifier(
    corpus: Corpus,
    targets: NDArray[np.int64],
    classes: int,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: ModelOptions,
    *,
    control: RunControl = UNATTENDED,
) -> FittedClassifier:
    """Train on the `training` rows of `corpus` and validate with the `validation` rows; no other row is read.

    targets: [N] index of each row's label, below `classes`; training, validation: [N] bool, disjoint.
    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    kernel_answers()  # fails now rather than after the training where the kernel is requested and absent
    setup = prepare(options)
    options = settled(corpus, training, with_width(options))
    vocabulary = fit_vocabulary(corpus, training, options)
    tokenizer, table = vocabulary.tokenizer, vocabulary.table
    examples = Examples(corpus.pool, corpus.starts, corpus.counts, table, tokenizer, targets)
    valid_rows = examples.select(validation)
    train_rows = replace(examples, tokenizer=_windowed(tokenizer, options.window)).select(training)
    require_rows(len(train_rows), len(valid_rows), "rows", "Give more rows.")
    objective = Classification(classes, options.calibrate)
    with shape_errors_as_option_errors():
        shape = ClassifierShape(
            vocabulary=tokenizer.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            pooling=options.pooling,
            outputs=objective.outputs,
        )
    network = ClassifierNetwork(shape, options.dropout, options.word_dropout)
    if options.word_vectors == "counted" and not control.resumes:
        _start_from_counts(network, train_rows, options)
    if vocabulary.vectors and isinstance(tokenizer, WordTokenizer):
        vocabulary.vectors.start(network.embedding, tokenizer.words, FIRST_WORD, options.seed)
    network = network.to(setup.device)
    network.embedding.row_gradients = takes_rows(setup.device)
    epochs = EPOCHS.epochs(options, len(train_rows))
    history = fit_network(network, objective, train_rows, valid_rows, options, setup, epochs=epochs, control=control)
    return_freed_memory()

    answers = objective.score(network, valid_rows, setup.device).double().numpy()
    temperature = fit_temperature(answers, valid_rows.targets) if options.calibrate else 1.0
    correct = answers.argmax(1) == valid_rows.targets
    network = network.cpu().eval()
    plain, weights = checked_graph(network, temperature, seed=options.seed)
    chosen = choose(
        plain,
        [valid_rows.encoding(row).ids for row in range(len(valid_rows))],
        valid_rows.targets,
        quantise=options.quantise,
        exact=exact_engine(shape, weights, temperature, options.threads),
        threads=options.threads,
    )
    return FittedClassifier(
        shape=shape,
        tokenizer=tokenizer,
        graphs={MODEL: chosen.graph},
        export=chosen.figures,
        weights=weights,
        temperature=temperature,
        history=history,
        valid={
            "rows": len(valid_rows),
            "accuracy": float(correct.mean()),
            "log_loss": float(-answers[np.arange(len(answers)), valid_rows.targets].mean()),
            "unknown_rate": corpus.unknown_share(table, validation),
        },
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        word_vectors=vocabulary.facts,
    )


def _start_from_counts(network: ClassifierNetwork, rows: Examples, options: ModelOptions) -> None:
    """Start the word vectors from co-occurrence counts in the whole training rows: see `word_vectors`."""
    counted = vectors(
        (rows.table[rows.pool[start : start + count]] for start, count in zip(rows.starts, rows.counts, strict=True)),
        network.shape.vocabulary,
        options.embedding,
        scale=VECTOR_SCALE,
        seed=options.seed,
    )
    if counted is not None:
        with torch.no_grad():
            network.embedding.weight.copy_(torch.from_numpy(counted))
    return_freed_memory()


def _windowed(tokenizer: Tokenizer, window: int | None) -> Tokenizer:
    """Return the tokeniser for training steps: it cuts longer texts to `window` tokens by the same rule.

    A filled text has one length always, so there is nothing to cut.
    """
    limit = tokenizer.max_tokens
    if window is None or tokenizer.fill or (limit is not None and limit <= window):
        return tokenizer
    return tokenizer.cut_to(window)
