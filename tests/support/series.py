"""Series of numbers that differ by label, and models of random weights."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.tasks.series.convolutions import KERNELS
from recurra.tasks.series.inputs import SeriesInputs
from recurra.tasks.series.learn.graph import build
from recurra.tasks.series.learn.network import SeriesNetwork
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.shape import SeriesShape

Floats = NDArray[np.float32]


def waves(count: int, channels: int = 2, seed: int = 0, noise: float = 0.3) -> tuple[list[Floats], NDArray[np.int64]]:
    """Return series of 12 to 40 frames and their labels, 0 to 2: waves that are slow, fast, and fast then slow."""
    rng, series = np.random.default_rng(seed), []
    labels = np.arange(count) % 3
    for label in labels:
        steps = int(rng.integers(12, 40))
        speed = np.full(steps, (0.3, 1.2)[min(label, 1)])
        if label == 2:
            speed[steps // 2 :] = 0.3
        phases = np.cumsum(speed)[:, None] + rng.uniform(0, 6, channels)
        series.append((5 + 3 * np.sin(phases) + noise * rng.normal(size=(steps, channels))).astype(np.float32))
    return series, labels


def shape(**changes: object) -> SeriesShape:
    fields = {
        "kind": "classify", "channels": 3, "masks": 1, "front": ((5, 6, 2), (3, 7, 1)), "pool": 3,
        "cell": "gru", "hidden": 5, "layers": 1,
        "direction": "both", "outputs": 3, "dilations": (1, 2, 5), "biases": 2,
    }  # fmt: skip
    return SeriesShape(**{**fields, **changes})


def module_of(network: SeriesShape, seed: int = 0) -> SeriesNetwork:
    """Return a network with random weights, scales and normalisations, ready to answer."""
    torch.manual_seed(seed)
    module = SeriesNetwork(network).eval()
    with torch.no_grad():
        for name, weight in module.state_dict().items():
            kind = name.split(".")[-1]
            if kind in ("deviation", "variance", "scale"):
                weight.uniform_(0.5, 2)
            elif kind in ("mean", "offset"):
                weight.normal_()
        module.head.weight.normal_(0, 0.4)
        module.head.bias.normal_()
    return module


def weights_of(network: SeriesShape, seed: int = 0) -> dict[str, Floats]:
    """Return weights as training leaves them: of the network, and convolutions with random biases."""
    rng = np.random.default_rng(seed)
    weights = module_of(network, seed).arrays()
    if network.dilations:
        each = (len(network.dilations), KERNELS)
        weights |= {
            "convolutions.channels": (rng.random((*each, network.values)) < 0.6).astype(np.float32),
            "convolutions.biases": rng.normal(0, 2, (*each, network.biases)).astype(np.float32),
            "convolutions.widths": rng.uniform(0.3, 2, each).astype(np.float32),
            "convolutions.weight": rng.normal(0, 0.05, (network.outputs, network.convolved)).astype(np.float32),
        }
    return weights


def inputs(channels: int = 3, masks: int = 1) -> SeriesInputs:
    return SeriesInputs(
        channels=[f"c{channel}" for channel in range(channels)],
        missing="mask",
        masked=list(range(masks)),
        means=[0.5 * channel for channel in range(channels)],
    )


def made(**changes: object) -> SeriesModel:
    """Return a model of random weights."""
    network = shape(**changes)
    labels = ["low", "mid", "high"][: network.outputs] if network.kind == "classify" else []
    graph = build(network, weights_of(network))
    return SeriesModel(network, inputs(network.channels, network.masks), labels, graph, threads=1)
