"""From texts and numbers to a trained network and its exported graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.export.check import check_answers, finite
from recurra.export.graph_builder import FLOATS, INTEGERS, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined
from recurra.export.serialise import serialise
from recurra.nn.batch import Batch, length_grouped
from recurra.nn.embedding import Embedding, distinct
from recurra.nn.recurrent import Recurrent
from recurra.storage.model_directory import MODEL
from recurra.training.control import RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.objective import Monitor, Validation
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors
from vowels.model import VowelCounter
from vowels.options import VowelOptions
from vowels.shape import BYTES, VowelShape, encode

EPOCHS = EpochBudget(rows=20_000)


@dataclass(frozen=True)
class VowelRows:
    """N texts as bytes [T_n], and the number of vowels of each [N]."""

    ids: list[NDArray[np.int64]]
    numbers: NDArray[np.float32]

    @classmethod
    def of(cls, rows: Sequence[tuple[str, float]], part: NDArray[np.bool_]) -> VowelRows:
        chosen = [rows[row] for row in np.flatnonzero(part)]
        return cls([encode(text) for text, _ in chosen], np.array([number for _, number in chosen], dtype=np.float32))

    def __len__(self) -> int:
        return len(self.ids)

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        return length_grouped(np.array([len(ids) for ids in self.ids]), size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, Tensor]:
        return Batch.of([self.ids[row] for row in rows], device), torch.from_numpy(self.numbers[rows]).to(device)


class VowelNetwork(nn.Module):
    """Bytes [B, T] -> a number [B, 1]: a linear function of the states, summed over time."""

    def __init__(self, shape: VowelShape) -> None:
        super().__init__()
        self.embedding = Embedding(BYTES, shape.embedding)
        self.recurrent = Recurrent(shape.cell, shape.embedding, shape.hidden, layers=shape.layers, both=False)
        self.head = nn.Linear(shape.hidden, 1)

    def forward(self, batch: Batch) -> Tensor:
        used, index = distinct(batch.values, BYTES)
        numbers: Tensor = self.head(self.recurrent(self.embedding(used), index, batch, "sum"))
        return numbers


class CountVowels:
    """Train by the squared error; monitor the mean absolute error."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.smooth_l1_loss(outputs[:, 0], targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        return {"absolute_error": float((outputs[:, 0] - targets).abs().sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        return {"mean_absolute_error": sums["absolute_error"] / sums["count"]}

    def validate(self, network: nn.Module, rows: VowelRows, device: torch.device) -> Validation:
        network.eval()
        with torch.inference_mode():
            batch, targets = rows.batch(np.arange(len(rows)), device)
            outputs = network(batch)
            metrics = {"loss": float(self.loss(outputs, targets)), **self.summarise(self.metrics(outputs, targets))}
        return Validation(metrics, Monitor("mean_absolute_error", metrics["mean_absolute_error"]))


def fit_counter(
    training: VowelRows, validation: VowelRows, options: VowelOptions, control: RunControl
) -> Fitted[VowelShape]:
    """Train, export and check a network."""
    require_rows(len(training), len(validation), "texts", "Give more texts.")
    setup = prepare(options)
    with shape_errors_as_option_errors():
        shape = VowelShape(embedding=options.embedding, cell=options.cell, hidden=options.hidden, layers=options.layers)
    network, epochs = VowelNetwork(shape).to(setup.device), EPOCHS.epochs(options, len(training))
    history = fit_network(network, CountVowels(), training, validation, options, setup, epochs=epochs, control=control)
    network = network.cpu().eval()
    weights = weight_arrays(network)
    graph = build(shape, weights)
    with torch.inference_mode():
        expected = network(validation.batch(np.arange(len(validation)))[0])[:, 0].numpy()
    texts = [bytes(ids.astype(np.uint8).tolist()).decode() for ids in validation.ids]
    check_answers(np.array(VowelCounter(shape, graph).count(texts)), expected)
    return Fitted(
        shape=shape,
        graphs={MODEL: graph},
        weights=weights,
        history=history,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
    )


def build(shape: VowelShape, weights: Weights) -> bytes:
    """Return the ONNX file: ids [1, T] -> vowels [1]."""
    checked, graph = finite(weights), GraphBuilder()
    graph.input("ids", INTEGERS, ["batch", "time"])
    graph.output("vowels", FLOATS, ["batch"])
    table = graph.weight("embedding.weight", checked["embedding.weight"])
    values = graph.node("Gather", [table, graph.node("Transpose", ["ids"], perm=[1, 0])])  # [T, B, D]
    for depth in range(shape.layers):
        states, _ = RecurrentLayer(graph, checked, f"recurrent.layers.{depth}", shape.cell).append(values)
        values = joined(graph, states, 1, shape.hidden)
    total = graph.node("ReduceSum", [values, graph.ints([0])], keepdims=0)  # [B, H]
    head = graph.linear("head", total, checked["head.weight"], checked["head.bias"])
    graph.node("Squeeze", [head, graph.ints([1])], "vowels")
    return serialise(graph, "vowels")
