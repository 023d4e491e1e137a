"""From a corpus with chosen training and validation rows to a trained network and its exported graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.inference.threads import processor_count
from recurra.storage.model_directory import MODEL, Label
from recurra.tasks.classify.calibration import PRIOR, fit_temperature
from recurra.tasks.classify.corpus import Corpus
from recurra.tasks.classify.engines.choice import exact_engine, kernel_answers
from recurra.tasks.classify.engines.onnx import GraphSession
from recurra.tasks.classify.learn.blend import blend
from recurra.tasks.classify.learn.check import checked_graph
from recurra.tasks.classify.learn.choose_precision import choose
from recurra.tasks.classify.learn.defaults import epochs_for, ngrams_first, sized
from recurra.tasks.classify.learn.examples import Examples
from recurra.tasks.classify.learn.graph import build
from recurra.tasks.classify.learn.network import ClassifierNetwork
from recurra.tasks.classify.learn.ngram_fit import SHARE, choose_scale, distinct_ngrams, figures, fit_ngrams
from recurra.tasks.classify.learn.objective import Classification
from recurra.tasks.classify.learn.sizing import buckets, dropouts, ngram_rate, subword_buckets
from recurra.tasks.classify.learn.soft_labels import SoftLabels, joined
from recurra.tasks.classify.learn.vocabulary import fit_vocabulary, settled
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ModelOptions
from recurra.tasks.classify.shape import ClassifierShape
from recurra.text.tokenizer import FIRST_WORD, Encoding, Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.adam import takes_rows
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.counted_vectors import vectors
from recurra.training.fit import Fitted, fit_network
from recurra.training.memory import return_freed_memory
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors
from recurra.training.word_vectors import with_width

VECTOR_SCALE = 0.1
"""Standard deviation of word vectors that start from counts."""


@dataclass(frozen=True, kw_only=True)
class FittedClassifier(Fitted[ClassifierShape]):
    """A trained classifier.

    export: how the graph was chosen, see `choose_precision`; temperature: already in the graph; valid: rows, accuracy
    and log loss of the weights that were kept, on the validation rows, and the share of their tokens that are unknown.
    ngrams: how the linear model beside the network was fitted, see `ngram_fit.figures`; None where there is none.
    """

    tokenizer: Tokenizer
    export: dict[str, Any]
    temperature: float
    valid: dict[str, Any]
    ngrams: dict[str, Any] | None = None

    def model(self, labels: Sequence[Label], threads: int | None = None) -> Classifier:
        """Return the model as it will answer once it is saved. labels: one a class."""
        engine = None
        if self.export["precision"] == "fp32":
            engine = exact_engine(self.shape, self.weights, self.temperature, threads)
        return Classifier(self.tokenizer, self.graph, labels, threads=threads, engine=engine, network=self.shape)


def fit_classifier(
    corpus: Corpus,
    targets: NDArray[np.int64],
    classes: int,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: ModelOptions,
    *,
    soft: SoftLabels | None = None,
    control: RunControl = UNATTENDED,
) -> FittedClassifier:
    """Train on the `training` rows of `corpus` and validate with the `validation` rows; no other row is read.

    targets: [N] index of each row's label, below `classes`; training, validation: [N] bool, disjoint. soft: texts to
    train on as well; the vocabulary and the word vectors are then those of all, and the n-grams that are fitted first
    are still those of the labelled rows.
    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    kernel_answers()  # fails now rather than after the training where the kernel is requested and absent
    setup = prepare(options)
    options = sized(settled(corpus, training, with_width(options)), int(training.sum()), classes)
    vocabulary = fit_vocabulary(corpus, training, options, None if soft is None else soft.texts)
    tokenizer, table = vocabulary.tokenizer, vocabulary.table
    examples = Examples(corpus.pool, corpus.starts, corpus.counts, table, tokenizer, targets)
    valid_rows, whole_rows = examples.select(validation), examples.select(training)
    read_rows = whole_rows if soft is None else joined(whole_rows, corpus.pool, soft)
    train_rows = replace(read_rows, tokenizer=_windowed(tokenizer, options.window))
    fitted_first = ngrams_first(len(whole_rows), classes)
    require_rows(len(whole_rows), len(valid_rows), "rows", "Give more rows.")
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
            **_ngram_shape(whole_rows if fitted_first else read_rows, options, objective.outputs),
        )
    words: Sequence[str] = ()
    if isinstance(tokenizer, WordTokenizer):
        tokenizer = tokenizer.with_subwords(shape.subwords)
        words = tokenizer.words
    network = ClassifierNetwork(shape, **vars(dropouts(options, train_rows, len(whole_rows))), words=words)
    network.learn_ngrams_at(ngram_rate(options))
    if options.word_vectors == "counted" and not control.resumes:
        _start_from_counts(network, train_rows, options)
    if vocabulary.vectors and isinstance(tokenizer, WordTokenizer):
        vocabulary.vectors.start(network.embedding, tokenizer.words, FIRST_WORD, options.seed)
    first = None
    if network.ngrams is not None and fitted_first:
        hashing, threads = network.ngrams.hashing, options.threads or processor_count()
        first = fit_ngrams(whole_rows, hashing, classes, seed=options.seed, threads=threads)
        network.start_from_ngrams(SHARE * first.weights, SHARE * first.intercept)
        scores = first.scores
        if soft is not None:
            scores = np.concatenate([scores, first.of_others(soft.examples(whole_rows), hashing, threads)])
        train_rows = replace(train_rows, offsets=SHARE * (scores - first.intercept))
        return_freed_memory()
    network = network.to(setup.device)
    if takes_rows(setup.device):
        network.gradients_by_row()
    epochs = epochs_for(options, len(whole_rows), classes, 0 if soft is None else len(soft.texts))
    history = fit_network(network, objective, train_rows, valid_rows, options, setup, epochs=epochs, control=control)
    return_freed_memory()

    blended = None
    if network.ngrams is not None and first is None:
        network = network.cpu()
        blended = blend(
            network, whole_rows, valid_rows, classes, seed=options.seed, threads=options.threads or processor_count()
        )
    scale = choose_scale(network, valid_rows, setup.device) if network.ngrams is not None else 1.0
    network = network.cpu().eval()
    encodings = valid_rows.encodings()
    if tokenizer.subwords:
        encodings = [tokenizer.encode(corpus.texts[int(row)]) for row in np.flatnonzero(validation)]
    answers = objective.log_probabilities(torch.from_numpy(_unscaled(network, encodings))).double().numpy()
    temperature = fit_temperature(answers, valid_rows.targets, PRIOR) if options.calibrate else 1.0
    correct = answers.argmax(1) == valid_rows.targets
    plain, weights = checked_graph(network, temperature, seed=options.seed)
    chosen = choose(
        plain,
        encodings,
        valid_rows.targets,
        quantise=options.quantise,
        exact=exact_engine(shape, weights, temperature, options.threads),
        threads=options.threads,
        tokenizer=tokenizer,
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
        ngrams=None if network.ngrams is None else figures(network, first, scale, blended),
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        word_vectors=vocabulary.facts,
    )


def _start_from_counts(network: ClassifierNetwork, rows: Examples, options: ModelOptions) -> None:
    """Start the word vectors from co-occurrence counts in the whole training rows: see `counted_vectors`."""
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


def _ngram_shape(rows: Examples, options: ModelOptions, outputs: int) -> dict[str, Any]:
    """Return the fields of a shape that say which n-grams and spellings stand beside the network."""
    order = options.ngrams or 0
    spelt = options.level == "word" and (options.subwords == "vectors" or (options.subwords == "weights" and order > 0))
    width = (options.embedding if options.subwords == "vectors" else 0) + (outputs if order else 0)
    return {
        "ngrams": order,
        "ngram_buckets": buckets(distinct_ngrams(rows, order), outputs) if order > 1 else 0,
        "subwords": subword_buckets(width) if spelt else 0,
        "subword_vectors": spelt and options.subwords == "vectors",
    }


def _unscaled(network: ClassifierNetwork, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
    """Return the logits [N, outputs] that the exported graph will give at temperature 1."""
    shape = network.shape
    graph = GraphSession(build(shape, network.exported()), ids=shape.vocabulary, subwords=shape.subwords)
    return graph.run(encodings)[0]


def _windowed(tokenizer: Tokenizer, window: int | None) -> Tokenizer:
    """Return the tokeniser for training steps: it cuts longer texts to `window` tokens by the same rule.

    A filled text has one length always, so there is nothing to cut.
    """
    limit = tokenizer.max_tokens
    if window is None or tokenizer.fill or (limit is not None and limit <= window):
        return tokenizer
    return tokenizer.cut_to(window)
