"""Series to be forecast, and models of random weights."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.tasks.forecast.inputs import ForecastInputs
from recurra.tasks.forecast.learn.graph import build
from recurra.tasks.forecast.learn.network import ForecastNetwork
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.shape import ForecastShape

Floats = NDArray[np.float32]


def waves(steps: int, season: int = 6, slope: float = 0.5, noise: float = 0.4, seed: int = 0) -> NDArray[np.float64]:
    """Return a series [steps] that rises and has a season."""
    rng = np.random.default_rng(seed)
    time = np.arange(steps)
    wave = 5 * np.sin(2 * np.pi * time / season + seed)
    return np.asarray(40 + slope * time + wave + noise * rng.normal(size=steps))


def shape(**changes: object) -> ForecastShape:
    fields = {"segment": 3, "segments": 4, "horizon": 5, "cell": "gru", "hidden": 6, "layers": 1, "members": 2}
    return ForecastShape(**{**fields, **changes})


def weights_of(network: ForecastShape, seed: int = 0) -> dict[str, Floats]:
    """Return weights that make answers differ by window, segment and step."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    weights = {name: tensor.numpy().copy() for name, tensor in ForecastNetwork(network).state_dict().items()}
    for name, array in weights.items():
        if "head" in name or "bias" in name:
            weights[name] = rng.normal(0, 0.4, array.shape).astype(np.float32)
    return weights


def made(season: int = 6, *, share: float = 0.7, band: float = 1.3, **changes: object) -> ForecastModel:
    """Return a model of random weights."""
    network = shape(**changes)
    inputs = ForecastInputs(season=season, share=share, shares={"none": 0.0, "all": 1.0}, band=band)
    return ForecastModel(network, inputs, build(network, weights_of(network)), threads=1)
