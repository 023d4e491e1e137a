"""From a corpus with chosen training and validation rows to a trained network and its exported graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from recurra.errors import OptionError, TrainingError
from recurra.inference.threads import processor_count
from recurra.options.everything import ModelOptions
from recurra.storage.model_directory import Label
from recurra.tasks.classify.calibration import fit_temperature
from recurra.tasks.classify.corpus import Corpus
from recurra.tasks.classify.engines.choice import exact_engine, kernel_answers
from recurra.tasks.classify.learn.check import checked_graph
from recurra.tasks.classify.learn.choose_precision import choose
from recurra.tasks.classify.learn.examples import Examples
from recurra.tasks.classify.learn.network import Network
from recurra.tasks.classify.learn.objective import Classification
from recurra.tasks.classify.learn.word_vectors import vectors
from recurra.tasks.classify.model import Model
from recurra.tasks.classify.shape import NetworkShape
from recurra.terminal.progress import TrainingProgress
from recurra.text.words import Tokenizer
from recurra.training.adam import takes_rows
from recurra.training.checkpoints import CheckpointStore
from recurra.training.loop import Run, train
from recurra.training.memory import return_freed_memory
from recurra.training.setup import auto_epochs, chosen_bf16, chosen_device

VECTOR_SCALE = 0.1
"""Standard deviation of word vectors that start from counts."""


@dataclass(frozen=True)
class Fitted:
    """A trained model in plain parts.

    graph: the ONNX model; weights: named arrays in the layout of `export.onnx_graph`; temperature: already in the
    graph; export: what the graph was chosen by, see `export.choice`; history: one entry an epoch; precision: the number
    format of the recurrent layers in training.
    """

    shape: NetworkShape
    tokenizer: Tokenizer
    graph: bytes
    export: dict[str, Any]
    weights: dict[str, NDArray[np.float32]]
    temperature: float
    history: list[dict[str, Any]]
    valid: dict[str, Any]
    epochs: int
    precision: str
    device: str

    def model(self, labels: Sequence[Label], threads: int | None = None) -> Model:
        """Return the model as it will answer once it is saved. labels: one a class."""
        engine = None
        if self.export["precision"] == "fp32":
            engine = exact_engine(self.shape, self.weights, self.temperature, threads)
        return Model(self.tokenizer, self.graph, labels, threads=threads, engine=engine)


def fit(
    corpus: Corpus,
    targets: NDArray[np.int64],
    classes: int,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: ModelOptions,
    *,
    store: CheckpointStore | None = None,
    resume: bool = False,
    identity: dict[str, Any] | None = None,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
) -> Fitted:
    """Train on the `training` rows of `corpus`, steered by the `validation` rows; no other row is looked at.

    targets: [N] index of each row's label, below `classes`; training, validation: [N] bool, disjoint.
    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    kernel_answers()  # what cannot be had is said before the work, not after it
    device = chosen_device(options.device)
    bf16 = chosen_bf16(options.precision, device)
    torch.set_num_threads(options.threads or processor_count())
    tokenizer, table = corpus.tokenizer(
        training,
        size=options.vocabulary,
        min_count=options.min_count,
        max_tokens=options.max_tokens,
        truncate=options.truncate,
        fill=options.fill,
    )
    examples = Examples(corpus.pool, corpus.starts, corpus.counts, table, tokenizer, targets)
    valid_rows = examples.select(validation)
    train_rows = replace(examples, tokenizer=_windowed(tokenizer, options.window)).select(training)
    if not len(train_rows) or not len(valid_rows):
        raise TrainingError(
            f"There are {len(train_rows)} rows to train on and {len(valid_rows)} to steer by; both need at least one. "
            "Give more rows."
        )
    objective = Classification(classes, options.calibrate)
    torch.manual_seed(options.seed)
    try:
        shape = NetworkShape(
            vocabulary=tokenizer.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            pooling=options.pooling,
            outputs=objective.outputs,
        )
    except ValidationError as error:
        raise OptionError(
            f"This network cannot be built: {error.errors()[0]['msg']}. Choose a smaller --hidden, --embedding, "
            "--layers or --vocabulary."
        ) from None
    network = Network(shape, options.dropout, options.word_dropout)
    if options.word_vectors == "counted" and not (resume and store and store.paths()):
        _start_from_counts(network, train_rows, options)
    network = network.to(device)
    network.embedding.row_gradients = takes_rows(device)
    epochs = options.epochs or auto_epochs(len(train_rows))
    run = Run(
        objective,
        options,
        epochs,
        device,
        bf16,
        train_rows,
        valid_rows,
        identity=identity or {},
        store=store,
        on_progress=on_progress,
    )
    history = train(network, run, resume=resume)
    return_freed_memory()

    answers = objective.score(network, valid_rows, device).double().numpy()
    temperature = fit_temperature(answers, valid_rows.targets) if options.calibrate else 1.0
    right = answers.argmax(1) == valid_rows.targets
    network = network.cpu().eval()
    plain, weights = checked_graph(network, temperature, seed=options.seed)
    chosen = choose(
        plain,
        [valid_rows.encoding(row).ids for row in range(len(valid_rows))],
        valid_rows.targets,
        wanted=options.quantise,
        exact=exact_engine(shape, weights, temperature, options.threads),
        threads=options.threads,
    )
    return Fitted(
        shape=shape,
        tokenizer=tokenizer,
        graph=chosen.graph,
        export=chosen.figures,
        weights=weights,
        temperature=temperature,
        history=history,
        valid={
            "rows": len(valid_rows),
            "accuracy": float(right.mean()),
            "log_loss": float(-answers[np.arange(len(answers)), valid_rows.targets].mean()),
        },
        epochs=epochs,
        precision="bf16" if bf16 else "fp32",
        device=device.type,
    )


def _start_from_counts(network: Network, rows: Examples, options: ModelOptions) -> None:
    """Give the words the vectors that their company in the training rows, whole, suggests."""
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
    return Tokenizer(tokenizer.words, max_tokens=window, truncate=tokenizer.truncate, punctuation=tokenizer.punctuation)
