"""Export a trained network and compare the graph's answers with the network's own before anyone relies on it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.errors import ExportError
from recurra.nn.batch import Batch
from recurra.tasks.classify.engines.choice import exact_engine
from recurra.tasks.classify.engines.onnx import GraphSession, State
from recurra.tasks.classify.learn.graph import build
from recurra.tasks.classify.learn.network import Network

TOLERANCE = 1e-4
LENGTHS = (1, 2, 3, 7, 20, 53, 53, 120)


def checked_graph(
    network: Network, temperature: float, *, seed: int = 0
) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """Return (ONNX bytes, weights by name) of `network`, whose answers agree to 1e-4 on ragged batches of random ids.

    So do the kernel's, where it will answer. A graph that can read a stream is asked again, each sequence in pieces.
    Logits are compared relative to their size where they are large. Raises ExportError where they do not agree.
    """
    weights = {name: tensor.detach().float().numpy() for name, tensor in network.state_dict().items()}
    graph = build(network.shape, weights, temperature)
    rng = np.random.default_rng(seed)
    sequences = [rng.integers(0, network.shape.vocabulary, n).astype(np.int32) for n in LENGTHS]
    network.eval()
    with torch.inference_mode():
        expected = (network(Batch.of(sequences)) / temperature).numpy()
    session = GraphSession(graph)
    answers = [session.run(sequences)[0]]
    engine = exact_engine(network.shape, weights, temperature)
    if engine is not None:
        answers.append(engine.run(sequences)[0])
    if session.state:
        answers.append(np.concatenate([_in_pieces(session, ids.astype(np.int64), rng) for ids in sequences]))
    difference = float(np.max(np.abs(np.stack(answers) - expected) / np.maximum(1, np.abs(expected))))
    if not difference <= TOLERANCE:  # also where it is not a number
        raise ExportError(
            f"The exported graph answers differently from the trained network: by {difference:.2g}, where at most "
            f"{TOLERANCE:g} is accepted. Nothing was written. Please report this with the versions in use."
        )
    return graph, weights


def _in_pieces(session: GraphSession, ids: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the logits [1, outputs] to `ids` [T] when they are read as a stream, cut at random."""
    cuts = np.flatnonzero(rng.random(len(ids) - 1) < 0.2) + 1
    state: State = {}
    for piece in np.split(ids, cuts):
        (logits, _), state = session.advance(piece, state)
    return logits
