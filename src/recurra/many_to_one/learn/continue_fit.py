"""From a trained model and further rows to the model that has learnt from both, without the rows of the first.

Three steps, each of which begins at what is there: the vocabulary and the labels grow (`growth.py`), a linear model of
the n-grams learns what the model gets wrong (`correction.py`), and the network is trained on what that leaves over. The
correction is taken whole; how strongly it is pulled towards the model is chosen on folds of the new rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.inference.threads import processor_count
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.engines.choice import exact_engine, kernel_answers
from recurra.many_to_one.learn.check import checked_graph
from recurra.many_to_one.learn.choose_precision import choose
from recurra.many_to_one.learn.continued_options import epochs_to_continue
from recurra.many_to_one.learn.correction import fit_correction
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.finish import Finish
from recurra.many_to_one.learn.fitted import FittedText, as_read, windowed, with_mean_one
from recurra.many_to_one.learn.growth import begin_at, grown_shape
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_fit import scores_of_parts
from recurra.many_to_one.learn.objective import Objective
from recurra.many_to_one.learn.sizing import dropouts
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import fit_vocabulary
from recurra.many_to_one.options import TextModelOptions
from recurra.storage.model_directory import MODEL
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.adam import takes_rows
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.fit import fit_network
from recurra.training.memory import return_freed_memory
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors


def continue_text(
    corpus: Corpus,
    targets: NDArray[Any],
    objective: Objective,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: TextModelOptions,
    trained: Trained,
    *,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    control: RunControl = UNATTENDED,
) -> FittedText:
    """Train a model further on the `training` rows of `corpus`, and validate with the `validation` rows.

    options: `going_on`, with the sizes of the model. The other arguments, and what is raised, are those of `fit_text`.
    """
    kernel_answers()
    setup = prepare(options)
    vocabulary = fit_vocabulary(corpus, training, options, base=trained)
    tokenizer = vocabulary.tokenizer
    examples = Examples(
        corpus.pool,
        corpus.starts,
        corpus.counts,
        vocabulary.table,
        tokenizer,
        targets,
        weights=None if sample_weight is None else with_mean_one(sample_weight, training),
    )
    valid_rows, whole_rows = examples.select(validation), examples.select(training)
    require_rows(len(whole_rows), len(valid_rows), "rows", "Give more rows.")
    with shape_errors_as_option_errors():
        shape = grown_shape(trained.shape, tokenizer.size, objective.outputs)
    threads = options.threads or processor_count()
    words = tokenizer.words if isinstance(tokenizer, WordTokenizer) else ()
    left_out = vars(dropouts(options, whole_rows, len(whole_rows), based=True))
    network = ManyToOneNetwork(shape, **left_out, words=words)
    begin_at(network, trained.shape, trained.weights, trained.temperature)
    objective.begin(network)
    train_rows = replace(whole_rows, tokenizer=windowed(tokenizer, options.window))
    if network.ngrams is not None:
        correction = fit_correction(network, whole_rows, objective, seed=options.seed, threads=threads)
        own = scores_of_parts(network, whole_rows)[1].astype(np.float32)
        train_rows = replace(train_rows, offsets=own + correction.scores)
        correction.add_to(network)
        network.keep_ngrams()
        return_freed_memory()
    network = network.to(setup.device)
    if takes_rows(setup.device):
        network.gradients_by_row()
    epochs = epochs_to_continue(options, len(whole_rows))
    history = fit_network(network, objective, train_rows, valid_rows, options, setup, epochs=epochs, control=control)
    network = network.cpu()
    return_freed_memory()
    encodings = as_read(corpus, valid_rows, validation, tokenizer)
    finished = Finish(objective, valid_rows, encodings, None, threads)(network)
    plain, weights = checked_graph(network, finished.temperature, unit=objective.unit, seed=options.seed)
    chosen = choose(
        plain,
        encodings,
        valid_rows.targets,
        objective,
        quantise=options.quantise,
        exact=exact_engine(shape, weights, finished.temperature, options.threads),
        threads=options.threads,
        tokenizer=tokenizer,
    )
    return FittedText(
        shape=shape,
        tokenizer=tokenizer,
        graphs={MODEL: chosen.graph},
        export=chosen.figures,
        weights=weights,
        temperature=finished.temperature,
        history=history,
        valid={**finished.valid, "unknown_rate": corpus.unknown_share(vocabulary.table, validation)},
        ngrams=None,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        word_vectors=None,
    )
