"""From texts to a pretrained network: word vectors by counting, then the recurrent layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recurra.pretraining.network import PretrainingNetwork
from recurra.pretraining.objective import Foretelling, surprise_by_counts
from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.pieces import Pieces
from recurra.pretraining.texts import Numbered, PretrainingTexts
from recurra.storage.base import BaseShape
from recurra.training.adam import takes_rows
from recurra.training.control import RunControl
from recurra.training.counted_vectors import vectors
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.memory import return_freed_memory
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors

EPOCHS = EpochBudget(rows=100_000, fewest=1, most=10)
"""By texts."""
VECTOR_SCALE = 0.1
"""Standard deviation of counted word vectors, as a classifier's are."""


@dataclass(frozen=True, kw_only=True)
class FittedBase(Fitted[BaseShape]):
    """A base.

    held_out: of the held-out texts: "texts", how many; "nats" a word that the base foretells; "nats_by_counts", of a
    guess by how often each word occurs in the others.
    """

    held_out: dict[str, Any]


def fit_base(texts: PretrainingTexts, numbered: Numbered, options: PretrainOptions, control: RunControl) -> FittedBase:
    """Pretrain on the texts to learn from. Raises TrainingError's kinds."""
    setup = prepare(options)
    training = Pieces.of(texts, numbered, texts.train, options.window)
    held_out = Pieces.of(texts, numbered, texts.valid, options.window)
    require_rows(len(training), len(held_out), "pieces of texts", "Give more texts, or longer ones.")
    with shape_errors_as_option_errors():
        shape = BaseShape(
            vocabulary=numbered.tokenizer.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
        )
    counted = None
    if not control.resumes:
        whole = (numbered.table[texts.ids(int(text))] for text in texts.train)
        counted = vectors(whole, shape.vocabulary, shape.embedding, scale=VECTOR_SCALE, seed=options.seed)
        return_freed_memory()
    network = PretrainingNetwork(shape, training.counts, len(training), counted, options.dropout)
    by_counts = surprise_by_counts(network, training, held_out)
    network = network.to(setup.device)
    if takes_rows(setup.device):
        network.gradients_by_row()
    epochs = epochs_for(options, len(texts.train))
    history = fit_network(network, Foretelling(), training, held_out, options, setup, epochs=epochs, control=control)
    return_freed_memory()
    weights = weight_arrays(network.cpu().eval())
    return FittedBase(
        shape=shape,
        graphs={},
        weights={name: np.ascontiguousarray(weights[name]) for name in shape.weight_shapes()},
        history=history,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        held_out={
            "nats": history[-1]["valid_loss"],
            "nats_by_counts": by_counts,
            "texts": len(texts.valid),
        },
    )


def epochs_for(options: PretrainOptions, texts: int) -> int:
    """Return how many epochs so many texts are read: `options.epochs`, or the default."""
    return EPOCHS.epochs(options, texts)
