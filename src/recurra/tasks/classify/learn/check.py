"""Export a trained classifier and compare the graph's answers with the network's own."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.export.check import check_answers
from recurra.nn.batch import Batch
from recurra.tasks.classify.engines.choice import exact_engine
from recurra.tasks.classify.engines.onnx import GraphSession, State
from recurra.tasks.classify.learn.graph import build
from recurra.tasks.classify.learn.network import ClassifierNetwork

LENGTHS = (1, 2, 3, 7, 20, 53, 53, 120)


def checked_graph(
    network: ClassifierNetwork, temperature: float, *, seed: int = 0
) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """Return (ONNX bytes, weights by name) of `network`, whose logits agree on a ragged batch of random ids.

    Where the kernel will answer, its logits are compared too; where the graph can read a stream, also those of each
    sequence in pieces. Raises ExportError where any of them differ from the network's own.
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
    for logits in answers:
        check_answers(logits, expected)
    return graph, weights


def _in_pieces(session: GraphSession, ids: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the logits [1, outputs] for `ids` [T] read as a stream, cut at random places."""
    cuts = np.flatnonzero(rng.random(len(ids) - 1) < 0.2) + 1
    state: State = {}
    for piece in np.split(ids, cuts):
        (logits, _), state = session.advance(piece, state)
    return logits
