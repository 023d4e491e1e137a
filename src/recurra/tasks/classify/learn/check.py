"""Export a trained classifier and compare the graph's answers with the network's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.errors import ExportError
from recurra.export.check import check_answers
from recurra.nn.batch import Batch
from recurra.tasks.classify.engines.choice import exact_engine
from recurra.tasks.classify.engines.onnx import GraphSession, State
from recurra.tasks.classify.learn.graph import build
from recurra.tasks.classify.learn.network import ClassifierNetwork
from recurra.tasks.classify.ngrams import NgramModel
from recurra.tasks.classify.shape import ClassifierShape
from recurra.text.tokenizer import Encoding

MOST_ROUNDED = 0.03
LENGTHS = (1, 2, 3, 7, 20, 53, 53, 120)


def checked_graph(
    network: ClassifierNetwork, temperature: float, *, seed: int = 0
) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return (ONNX bytes, weights by name) of `network`, whose logits agree on a ragged batch of random ids.

    Where the kernel will answer, its logits are compared too; where the graph can read a stream, also those of each
    sequence in pieces. Raises ExportError where any of them differ from the network's own.
    """
    weights = network.exported()
    graph = build(network.shape, weights, temperature)
    rng = np.random.default_rng(seed)
    shape = network.shape
    sequences = [rng.integers(0, shape.vocabulary, n).astype(np.int32) for n in LENGTHS]
    expected = _expected(network, NgramModel.of(shape, weights), sequences) / temperature
    session = GraphSession(graph, ids=shape.vocabulary, subwords=shape.subwords, members=shape.members)
    answers = [session.run(sequences)[0]]
    engine = exact_engine(shape, weights, temperature)
    if engine is not None:
        answers.append(engine.run(sequences)[0])
        if shape.subwords:
            unknown = [_with_unknown_words(ids, shape, rng) for ids in sequences]
            check_answers(session.run(unknown)[0], engine.run(unknown)[0])
    if session.state and network.ngrams is None:
        answers.append(np.concatenate([_in_pieces(session, ids.astype(np.int64), rng) for ids in sequences]))
    for logits in answers:
        check_answers(logits, expected)
    return graph, weights


def _expected(
    network: ClassifierNetwork, ngrams: NgramModel | None, sequences: list[NDArray[np.int32]]
) -> NDArray[np.float32]:
    """Return the logits [N, outputs] of the network, with n-grams whose weights are rounded as they are saved.

    Raises ExportError where rounding changes what the n-grams add by more than a few hundredths of their weights.
    """
    network.eval()
    batch = Batch.of(sequences)
    with torch.inference_mode():
        logits: NDArray[np.float32] = network.network_logits(batch).numpy()
        if ngrams is None:
            return logits
        exact = network.ngram_logits(batch).numpy()
    beside = ngrams.logits(batch.values.numpy(), batch.lengths.numpy(), [])
    sizes = replace(ngrams, weights=np.abs(ngrams.weights)).logits(batch.values.numpy(), batch.lengths.numpy(), [])
    if (np.abs(beside - exact) > MOST_ROUNDED * (sizes + np.abs(ngrams.weights).max(initial=0))).any():
        raise ExportError("The rounded weights of the n-grams differ from those that were trained. Please report this.")
    return logits + beside


def _with_unknown_words(ids: NDArray[np.int32], shape: ClassifierShape, rng: np.random.Generator) -> Encoding:
    """Return a sequence where a third of the words are two unknown ones."""
    novel = tuple(rng.integers(0, shape.subwords, size).astype(np.int32) for size in (3, 8))
    chosen = rng.random(len(ids)) < 0.3
    mixed = np.where(chosen, shape.vocabulary + rng.integers(0, 2, len(ids)), ids).astype(np.int32)
    return Encoding(mixed, len(ids), int(chosen.sum()), novel=novel)


def _in_pieces(session: GraphSession, ids: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the logits [1, outputs] for `ids` [T] read as a stream, cut at random places."""
    cuts = np.flatnonzero(rng.random(len(ids) - 1) < 0.2) + 1
    state: State = {}
    for piece in np.split(ids, cuts):
        (logits, _), state = session.advance(piece, state)
    return logits
