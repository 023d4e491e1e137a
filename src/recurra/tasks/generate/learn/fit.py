"""From a text in parts to a trained writing model and its exported graph."""

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
from recurra.options.everything import GenerateOptions
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.learn.objective import NextSymbol, Stream
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.generate.tokenizer import Units
from recurra.terminal.progress import TrainingProgress
from recurra.training.checkpoints import CheckpointStore
from recurra.training.loop import Run, train
from recurra.training.setup import chosen_bf16, chosen_device

AUTO_EPOCH_SYMBOLS = 9_000_000
MIN_AUTO_EPOCHS, MAX_AUTO_EPOCHS = 2, 40


@dataclass(frozen=True)
class FittedWriter:
    """A trained writing model in plain parts.

    graph: the ONNX model; weights: named arrays in the layout of `LanguageShape.weight_shapes`; history: one entry an
    epoch; precision: the number format of the recurrent layers in training; streams: texts read in parallel.
    """

    shape: LanguageShape
    graph: bytes
    weights: dict[str, NDArray[np.float32]]
    history: list[dict[str, Any]]
    epochs: int
    streams: int
    precision: str
    device: str


def fit_writer(
    units: Units,
    training: NDArray[np.int32],
    validation: NDArray[np.int32],
    options: GenerateOptions,
    *,
    store: CheckpointStore | None = None,
    resume: bool = False,
    identity: dict[str, Any] | None = None,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
) -> FittedWriter:
    """Train on the ids `training`, steered by the ids `validation`.

    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    device = chosen_device(options.device)
    bf16 = chosen_bf16(options.precision, device)
    torch.set_num_threads(options.threads or processor_count())
    if len(training) < 2 or len(validation) < 2:
        raise TrainingError(
            f"There are {len(training)} symbols to train on and {len(validation)} to steer by; both need at least two. "
            "Give more text."
        )
    torch.manual_seed(options.seed)
    shape = shape_of(units, options)
    source = Stream(training, min(options.unroll, len(training) - 1))
    streams = source.streams(options.batch)
    network = LanguageNetwork(shape, options.dropout, options.weight_dropout, streams=streams).to(device)
    epochs = options.epochs or auto_epochs(len(training))
    run = Run(
        NextSymbol(),
        options,
        epochs,
        device,
        bf16,
        source,
        Stream(validation, source.unroll),
        identity=identity or {},
        store=store,
        on_progress=on_progress,
    )
    history = train(network, run, resume=resume)
    graph, weights = checked_graph(network.cpu(), seed=options.seed)
    return FittedWriter(shape, graph, weights, history, epochs, streams, "bf16" if bf16 else "fp32", device.type)


def shape_of(units: Units, options: GenerateOptions) -> LanguageShape:
    """Return the network's shape. Raises OptionError where it would be too large."""
    try:
        return LanguageShape(
            level=units.level,
            vocabulary=units.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            tied=units.level != "char" if options.tied is None else options.tied,
        )
    except ValidationError as error:
        raise OptionError(
            f"This network cannot be built: {error.errors()[0]['msg']}. Choose a smaller --hidden, --embedding, "
            "--layers or --vocabulary."
        ) from None


def auto_epochs(symbols: int) -> int:
    """Return the default number of epochs: fewer where there is more text."""
    return min(MAX_AUTO_EPOCHS, max(MIN_AUTO_EPOCHS, round(AUTO_EPOCH_SYMBOLS / symbols)))
