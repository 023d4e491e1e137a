"""From encoded pairs to a trained encoder-decoder and its two graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from recurra.errors import OptionError, TrainingError
from recurra.inference.threads import processor_count
from recurra.options.everything import PairOptions
from recurra.seq2seq.learn.check import checked_graphs
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.learn.objective import IdRows, PairExamples, Translation
from recurra.seq2seq.shape import Seq2SeqShape
from recurra.terminal.progress import TrainingProgress
from recurra.training.checkpoints import CheckpointStore
from recurra.training.loop import Run, train
from recurra.training.setup import chosen_bf16, chosen_device

AUTO_EPOCH_PAIRS = {"translate": 350_000, "chat": 280_000}
"""How many pairs all epochs together read by default, by task: dialogues are longer, so that fewer take as long."""
MIN_AUTO_EPOCHS, MAX_AUTO_EPOCHS = 3, 40


@dataclass(frozen=True)
class FittedPairs:
    """A trained model in plain parts.

    encoder, step: the ONNX graphs; weights: named arrays; history: one entry an epoch; valid: what the validation rows
    say of the weights that were kept.
    """

    shape: Seq2SeqShape
    encoder: bytes
    step: bytes
    weights: dict[str, NDArray[np.float32]]
    history: list[dict[str, Any]]
    valid: dict[str, Any]
    epochs: int
    precision: str
    device: str


def fit_pairs(
    sources: IdRows,
    targets: IdRows,
    training: NDArray[np.int64],
    validation: NDArray[np.int64],
    vocabulary: int,
    options: PairOptions,
    *,
    context: int = 0,
    store: CheckpointStore | None = None,
    resume: bool = False,
    identity: dict[str, Any] | None = None,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
) -> FittedPairs:
    """Train on the pairs numbered in `training`, steered by those in `validation`; no other pair is looked at.

    sources, targets: ids below `vocabulary`, none longer than `options.max_tokens`. context: turns in a source, where
    the pairs are dialogues.
    Raises TrainingError's kinds, and ExportError where the graphs answer otherwise than the network.
    """
    if not len(training) or not len(validation):
        raise TrainingError(
            f"There are {len(training)} pairs to train on and {len(validation)} to steer by; both need at least one. "
            "Give more pairs, or a larger --max-tokens."
        )
    device = chosen_device(options.device)
    bf16 = chosen_bf16(options.precision, device)
    torch.set_num_threads(options.threads or processor_count())
    torch.manual_seed(options.seed)
    shape = _shape(vocabulary, options, context)
    network = Seq2Seq(shape, options.dropout).to(device)
    epochs = options.epochs or auto_epochs(options.task, len(training))
    objective = Translation(options.label_smoothing)
    valid = PairExamples(sources, targets, validation)
    run = Run(
        objective,
        options,
        epochs,
        device,
        bf16,
        PairExamples(sources, targets, training),
        valid,
        identity=identity or {},
        store=store,
        on_progress=on_progress,
    )
    history = train(network, run, resume=resume)
    validated = objective.validate(network, valid, device).metrics
    network = network.cpu().eval()
    weights = {name: tensor.detach().float().numpy() for name, tensor in network.state_dict().items()}
    encoder, step = checked_graphs(network, weights, valid)
    return FittedPairs(
        shape=shape,
        encoder=encoder,
        step=step,
        weights=weights,
        history=history,
        valid={"rows": len(valid), "accuracy": validated["accuracy"], "nats_per_token": validated["loss"]},
        epochs=epochs,
        precision="bf16" if bf16 else "fp32",
        device=device.type,
    )


def auto_epochs(task: str, pairs: int) -> int:
    """Return the default number of epochs: fewer where there are more pairs."""
    return min(MAX_AUTO_EPOCHS, max(MIN_AUTO_EPOCHS, round(AUTO_EPOCH_PAIRS[task] / pairs)))


def _shape(vocabulary: int, options: PairOptions, context: int) -> Seq2SeqShape:
    try:
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
        )
    except ValidationError as error:
        raise OptionError(
            f"This network cannot be built: {error.errors()[0]['msg']}. Choose a smaller --hidden, --embedding, "
            "--layers or --vocabulary."
        ) from None
