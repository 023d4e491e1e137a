"""From encoded pairs to a trained encoder-decoder and its two graphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.seq2seq.learn.check import checked_graphs
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.learn.objective import IdRows, PairExamples, Translation
from recurra.seq2seq.options import Seq2SeqOptions
from recurra.seq2seq.session import Seq2SeqSession
from recurra.seq2seq.shape import Seq2SeqShape
from recurra.storage.model_directory import MODEL, STEP
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors


@dataclass(frozen=True, kw_only=True)
class FittedSeq2Seq(Fitted[Seq2SeqShape]):
    """A trained encoder-decoder, of two graphs.

    valid: rows, accuracy and nats per token of the weights that were kept, on the validation pairs.
    """

    valid: dict[str, Any]

    @property
    def session(self) -> Seq2SeqSession:
        """The two graphs, opened."""
        return Seq2SeqSession(self.shape, self.graphs[MODEL], self.graphs[STEP])


def fit_seq2seq(
    sources: IdRows,
    targets: IdRows,
    training: NDArray[np.int64],
    validation: NDArray[np.int64],
    vocabulary: int,
    options: Seq2SeqOptions,
    *,
    budget: EpochBudget,
    context: int = 0,
    match: int = 0,
    control: RunControl = UNATTENDED,
) -> FittedSeq2Seq:
    """Train on the pairs numbered in `training` and validate with those in `validation`; no other pair is read.

    sources, targets: ids below `vocabulary`, none longer than `options.max_tokens`. budget: the default of epochs.
    context: turns in a source, where the pairs are dialogues. match: width of the vectors by which sources and targets
    are matched; 0 where they are not.
    Raises TrainingError's kinds, and ExportError where the graphs answer otherwise than the network.
    """
    require_rows(len(training), len(validation), "pairs", "Give more pairs, or a larger --max-tokens.")
    setup = prepare(options)
    shape = _shape(vocabulary, options, context, match)
    network = Seq2Seq(shape, options.dropout).to(setup.device)
    epochs = budget.epochs(options, len(training))
    objective = Translation(options.label_smoothing)
    valid = PairExamples(sources, targets, validation)
    train = PairExamples(sources, targets, training)
    history = fit_network(network, objective, train, valid, options, setup, epochs=epochs, control=control)
    validated = objective.validate(network, valid, setup.device).metrics
    network = network.cpu().eval()
    weights = weight_arrays(network)
    encoder, step = checked_graphs(network, weights, valid)
    return FittedSeq2Seq(
        shape=shape,
        graphs={MODEL: encoder, STEP: step},
        weights=weights,
        history=history,
        valid={"rows": len(valid), "accuracy": validated["accuracy"], "nats_per_token": validated["loss"]},
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
    )


def _shape(vocabulary: int, options: Seq2SeqOptions, context: int, match: int) -> Seq2SeqShape:
    with shape_errors_as_option_errors():
        return Seq2SeqShape(
            vocabulary=vocabulary,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            max_tokens=options.max_tokens,
            beam=options.beam,
            length_penalty=options.length_penalty,
            context=context,
            match=match,
        )
