"""Export a trained language model and compare the graph's answers with the network's own."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.export.check import check_answers
from recurra.tasks.generate.learn.graph import build
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.session import LanguageSession

ROWS, STEPS = 3, 21
"""Random symbols on which graph and network are compared."""


def checked_graph(network: LanguageNetwork, *, seed: int = 0) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """Return (ONNX bytes, weights by name) of `network`, whose logits agree on random symbols.

    The graph reads them in two parts, the second from the states that the first left. Raises ExportError where the
    logits differ.
    """
    weights = {name: tensor.detach().float().cpu().numpy() for name, tensor in network.weights().items()}
    graph = build(network.shape, weights)
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, network.shape.vocabulary, (ROWS, STEPS))
    network.eval()
    with torch.inference_mode():
        expected = network.read(torch.from_numpy(ids).t())[0].transpose(0, 1).numpy()  # [B, T, V]
    session = LanguageSession(graph)
    half = STEPS // 2
    first, states = session.run(ids[:, :half], session.empty(ROWS))
    second, _ = session.run(ids[:, half:], states)
    check_answers(np.concatenate([first, second], axis=1), expected)
    return graph, weights
