"""Transcribers of random weights, as a network and as the model that answers."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.learn.graph import build
from recurra.tasks.transcribe.learn.network import TranscriberNetwork
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.shape import TranscriberShape

ALPHABET = Alphabet(" abcd", "words")


def made(**changes: object) -> tuple[TranscriberNetwork, Transcriber]:
    fields = {
        "rate": 8000, "mels": 8, "stack": 2, "cell": "lstm", "hidden": 7, "layers": 2, "direction": "both",
        "symbols": len(ALPHABET),
    }  # fmt: skip
    torch.manual_seed(0)
    network = TranscriberNetwork(TranscriberShape(**{**fields, **changes})).eval()
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    assert {name: weight.shape for name, weight in weights.items()} == network.shape.weight_shapes()
    assert sum(weight.size for weight in weights.values()) == network.shape.parameters
    return network, Transcriber(network.shape, ALPHABET, build(network.shape, weights), threads=1)


def utterances(width: int = 16) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal((steps, width)).astype(np.float32) for steps in (5, 1, 30, 12, 1, 7)]
