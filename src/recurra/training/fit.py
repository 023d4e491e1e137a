"""Fit a network to its rows: what is the same for every task between its network and its exported graphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from recurra.options.training import FitOptions
from recurra.storage.model_directory import MODEL
from recurra.storage.shape import Shape
from recurra.training.control import RunControl
from recurra.training.loop import Run, train
from recurra.training.objective import Objective, Source
from recurra.training.setup import Setup

AnyShape = TypeVar("AnyShape", bound=Shape)


@dataclass(frozen=True)
class Fitted(Generic[AnyShape]):
    """A trained network in plain parts.

    graphs: ONNX models by their file names in a model directory; weights: float32 arrays by the names of
    `shape.weight_shapes()`; history: one entry an epoch; epochs: the most that were requested; precision: number
    format of the recurrent layers in training; device: "cpu" or "cuda"; word_vectors: what `Pretrained.facts` returns,
    where they come from a file.
    """

    shape: AnyShape
    graphs: dict[str, bytes]
    weights: dict[str, NDArray[np.float32]]
    history: list[dict[str, Any]]
    epochs: int
    precision: str
    device: str
    word_vectors: dict[str, Any] | None = None

    @property
    def graph(self) -> bytes:
        """The ONNX model in model.onnx."""
        return self.graphs[MODEL]


def fit_network(
    network: nn.Module,
    objective: Objective,
    training: Source,
    validation: Source,
    options: FitOptions,
    setup: Setup,
    *,
    epochs: int,
    control: RunControl,
) -> list[dict[str, Any]]:
    """Train `network`, which is on `setup.device`, in place. Returns the history. Raises as `loop.train` does."""
    run = Run(
        objective,
        options,
        epochs,
        setup.device,
        setup.bf16,
        training,
        validation,
        identity=control.identity,
        store=control.store,
        on_progress=control.on_progress,
        on_checkpoint=control.on_checkpoint,
    )
    return train(network, run, resume=control.resume)


def weight_arrays(network: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a network as float32 arrays by name. It must be on the CPU."""
    return {name: tensor.detach().float().numpy() for name, tensor in network.state_dict().items()}
