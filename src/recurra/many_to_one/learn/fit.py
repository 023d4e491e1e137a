"""From a corpus with chosen training and validation rows to a trained network and its exported graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.inference.threads import processor_count
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.engines.choice import exact_engine, kernel_answers
from recurra.many_to_one.learn.blend import fit_regression
from recurra.many_to_one.learn.check import checked_graph
from recurra.many_to_one.learn.choose_precision import choose
from recurra.many_to_one.learn.continue_fit import continue_text
from recurra.many_to_one.learn.defaults import epochs_for, ngrams_first, sized
from recurra.many_to_one.learn.ensemble import Ensemble, FittedMember, member_controls
from recurra.many_to_one.learn.examples import Beside, Examples
from recurra.many_to_one.learn.feature_layer import HIDDEN
from recurra.many_to_one.learn.finish import Finish
from recurra.many_to_one.learn.fitted import FittedText, as_read, windowed, with_mean_one
from recurra.many_to_one.learn.from_base import start_from, start_head
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_fit import SHARE, NgramFit, distinct_ngrams, figures, fit_ngrams
from recurra.many_to_one.learn.objective import Objective
from recurra.many_to_one.learn.sizing import buckets, dropouts, ngram_rate, subword_buckets
from recurra.many_to_one.learn.soft_labels import SoftLabels, joined
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import fit_vocabulary, settled
from recurra.many_to_one.options import TextModelOptions
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage.base import Base
from recurra.storage.model_directory import MODEL
from recurra.text.tokenizer import FIRST_WORD, Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.adam import takes_rows
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.counted_vectors import vectors
from recurra.training.fit import fit_network
from recurra.training.memory import return_freed_memory
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors
from recurra.training.word_vectors import with_width

VECTOR_SCALE = 0.1
"""Standard deviation of word vectors that start from counts."""


def fit_text(
    corpus: Corpus,
    targets: NDArray[Any],
    objective: Objective,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: TextModelOptions,
    *,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    soft: SoftLabels | None = None,
    base: Base | Trained | None = None,
    control: RunControl = UNATTENDED,
) -> FittedText:
    """Train on the `training` rows of `corpus` and validate with the `validation` rows; no other row is read.

    targets: [N, ..], in the form of the objective; training, validation: [N] bool, disjoint. sample_weight: [N] above
    0, by which rows count in training and validation; None: all alike. soft: texts to train on as well; the vocabulary
    and the word vectors are then those of all, and the n-grams that are fitted first are still those of the labelled
    rows. The network that learns from them is one, whatever `options.ensemble`: the ensemble is what they come from.
    base: what the networks start from, or the model that training goes on with; `options` have its sizes (`based`,
    `going_on`).
    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    if isinstance(base, Trained):
        return continue_text(
            corpus,
            targets,
            objective,
            training,
            validation,
            options,
            base,
            sample_weight=sample_weight,
            control=control,
        )
    kernel_answers()  # fails now rather than after the training where the kernel is requested and absent
    setup = prepare(options)
    options = with_width(options)
    options = sized(settled(corpus, training, options), int(training.sum()), objective.classes, base is not None)
    vocabulary = fit_vocabulary(corpus, training, options, None if soft is None else soft.texts, base)
    tokenizer, table = vocabulary.tokenizer, vocabulary.table
    examples = Examples(
        corpus.pool,
        corpus.starts,
        corpus.counts,
        table,
        tokenizer,
        targets,
        weights=None if sample_weight is None else with_mean_one(sample_weight, training),
        beside=_beside(corpus, tokenizer),
    )
    valid_rows, whole_rows = examples.select(validation), examples.select(training)
    read_rows = whole_rows if soft is None else joined(whole_rows, corpus.pool, soft)
    train_rows = replace(read_rows, tokenizer=windowed(tokenizer, options.window))
    fitted_apart = ngrams_first(len(whole_rows), objective.classes)
    fitted_first = objective.ngrams_first and fitted_apart
    require_rows(len(whole_rows), len(valid_rows), "rows", "Give more rows.")
    count = 1 if soft is not None else options.ensemble
    with shape_errors_as_option_errors():
        together = ManyToOneShape(
            members=count,
            vocabulary=tokenizer.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            pooling=options.pooling,
            outputs=objective.outputs,
            link=objective.link,
            levels=objective.levels,
            **_feature_shape(tokenizer, count),
            **_ngram_shape(whole_rows if fitted_first else read_rows, options, objective.outputs),
        )
    shape = together.member
    words: Sequence[str] = ()
    if isinstance(tokenizer, WordTokenizer):
        tokenizer = tokenizer.with_subwords(shape.subwords)
        words = tokenizer.words
    left_out = vars(dropouts(options, train_rows, len(whole_rows), base is not None))
    threads = options.threads or processor_count()
    first: NgramFit | None = None
    if shape.hashing is not None and fitted_first:
        first = fit_ngrams(whole_rows, shape.hashing, objective, seed=options.seed, threads=threads)
        scores = first.scores
        if soft is not None:
            scores = np.concatenate([scores, first.of_others(soft.examples(whole_rows), shape.hashing, threads)])
        train_rows = replace(train_rows, offsets=SHARE * (scores - first.intercept))
        return_freed_memory()
    epochs = epochs_for(options, len(whole_rows), objective.classes, 0 if soft is None else len(soft.texts))
    counted = _Counted(train_rows, shape.vocabulary, options)
    networks, histories = [], []
    for seed, its_control in member_controls(count, options.seed, control):
        if seed != options.seed:
            torch.manual_seed(seed)
        network = ManyToOneNetwork(shape, **left_out, words=words)
        network.learn_ngrams_at(ngram_rate(options))
        if fitted_apart and not fitted_first:
            network.leave_ngrams_out()
        if network.features is not None:
            network.features.ignore(~whole_rows.features_held())
        objective.start(network, whole_rows.targets)
        if base is not None:
            start_from(network, base, vocabulary.of_base, tokenizer)
            if not (fitted_first or its_control.resumes):
                start_head(network, whole_rows, objective, options.seed)
        elif options.word_vectors == "counted" and not its_control.resumes:
            counted.start(network)
        if vocabulary.vectors and isinstance(tokenizer, WordTokenizer):
            vocabulary.vectors.start(network.embedding, tokenizer.words, FIRST_WORD, seed)
        if first is not None:
            network.start_from_ngrams(SHARE * first.weights, SHARE * first.intercept)
        network = network.to(setup.device)
        if takes_rows(setup.device):
            network.gradients_by_row()
        its_options = options.model_copy(update={"seed": seed})
        histories.append(
            fit_network(
                network, objective, train_rows, valid_rows, its_options, setup, epochs=epochs, control=its_control
            )
        )
        networks.append(network.cpu())
        return_freed_memory()

    encodings = as_read(corpus, valid_rows, validation, tokenizer)
    regression = None
    if shape.hashing is not None and first is None:
        regression = fit_regression(networks[0], whole_rows, objective, seed=options.seed, threads=threads)
    finish = Finish(objective, valid_rows, encodings, regression, threads)
    whole = networks[0] if len(networks) == 1 else Ensemble(networks)
    finished = finish(whole)
    plain, weights = checked_graph(whole, finished.temperature, unit=objective.unit, seed=options.seed)
    chosen = choose(
        plain,
        encodings,
        valid_rows.targets,
        objective,
        quantise=options.quantise,
        exact=exact_engine(whole.shape, weights, finished.temperature, options.threads),
        threads=options.threads,
        tokenizer=tokenizer,
        members=len(networks),
    )
    return FittedText(
        shape=whole.shape,
        tokenizer=tokenizer,
        graphs={MODEL: chosen.graph},
        export=chosen.figures,
        weights=weights,
        temperature=finished.temperature,
        history=histories[0],
        valid={**finished.valid, "unknown_rate": corpus.unknown_share(table, validation)},
        ngrams=None if whole.ngrams is None else figures(whole, first, finished.scale, finished.blended),
        members=() if len(networks) == 1 else tuple(map(FittedMember.of, networks, map(finish, networks), histories)),
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        word_vectors=vocabulary.facts,
    )


def _beside(corpus: Corpus, tokenizer: Tokenizer) -> Beside | None:
    """Return what stands beside the texts of a corpus, as the tokenizer encodes it."""
    codes = corpus.feature_codes
    return None if tokenizer.features is None or codes is None else Beside(tokenizer.features, codes)


def _feature_shape(tokenizer: Tokenizer, members: int) -> dict[str, Any]:
    if tokenizer.features is None:
        return {}
    return {"feature_inputs": tokenizer.features.width, "feature_hidden": members * HIDDEN}


class _Counted:
    """First word vectors by co-occurrence counts in the training rows: see `counted_vectors`. They are counted once for
    all members, when the first needs them."""

    def __init__(self, rows: Examples, vocabulary: int, options: TextModelOptions) -> None:
        self._rows, self._vocabulary, self._options = rows, vocabulary, options

    @cached_property
    def _vectors(self) -> NDArray[np.float32] | None:
        rows = self._rows
        found = vectors(
            (
                rows.table[rows.pool[start : start + count]]
                for start, count in zip(rows.starts, rows.counts, strict=True)
            ),
            self._vocabulary,
            self._options.embedding,
            scale=VECTOR_SCALE,
            seed=self._options.seed,
        )
        return_freed_memory()
        return found

    def start(self, network: ManyToOneNetwork) -> None:
        """Start the word vectors of a network from them."""
        if self._vectors is not None:
            with torch.no_grad():
                network.embedding.weight.copy_(torch.from_numpy(self._vectors))


def _ngram_shape(rows: Examples, options: TextModelOptions, outputs: int) -> dict[str, Any]:
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
