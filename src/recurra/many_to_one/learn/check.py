"""Export a trained network and compare the graph's answers with the network's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.errors import ExportError
from recurra.export.check import check_answers
from recurra.many_to_one.engines.choice import exact_engine
from recurra.many_to_one.engines.onnx import GraphSession, State
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.ngrams import NgramModel
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.text.tokenizer import Encoding

MOST_ROUNDED = 0.03
LENGTHS = (1, 2, 3, 7, 20, 53, 53, 120)


def checked_graph(
    network: ManyToOneNetwork, temperature: float, *, unit: float = 1.0, seed: int = 0
) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return (ONNX bytes, weights by name) of `network`, whose logits agree on a ragged batch of random ids.

    Where the kernel will answer, its logits are compared too; where the graph can read a stream, also those of each
    sequence in pieces. unit: by which a difference between two answers is judged. Raises ExportError where any of them
    differ from the network's own.
    """
    weights = network.exported()
    graph = build(network.shape, weights, temperature)
    rng = np.random.default_rng(seed)
    shape = network.shape
    ids = [rng.integers(0, shape.vocabulary, n).astype(np.int32) for n in LENGTHS]
    beside = rng.normal(size=(len(ids), shape.feature_inputs)).astype(np.float32) if shape.feature_inputs else None
    sequences = [_with(one, beside, row) for row, one in enumerate(ids)]
    scores = _expected(network, NgramModel.of(shape, weights), ids, beside)
    with torch.inference_mode():
        expected = network.logits(torch.from_numpy(scores)).numpy() / temperature
    session = GraphSession(
        graph,
        ids=shape.vocabulary,
        subwords=shape.subwords,
        members=shape.members,
        link=shape.answer,
        features=shape.feature_inputs,
    )
    answers = [session.run(sequences)[0]]
    engine = exact_engine(shape, weights, temperature)
    if engine is not None:
        answers.append(engine.run(sequences)[0])
        if shape.subwords:
            unknown = [
                replace(_with_unknown_words(one, shape, rng), features=None if beside is None else beside[row])
                for row, one in enumerate(ids)
            ]
            check_answers(session.run(unknown)[0] / unit, engine.run(unknown)[0] / unit)
    if session.state and network.ngrams is None and not shape.feature_inputs:
        answers.append(np.concatenate([_in_pieces(session, one.astype(np.int64), rng) for one in ids]))
    for logits in answers:
        check_answers(logits / unit, expected / unit)
    return graph, weights


def _expected(
    network: ManyToOneNetwork,
    ngrams: NgramModel | None,
    sequences: list[NDArray[np.int32]],
    beside: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    """Return the scores [N, outputs] of the network, with n-grams whose weights are rounded as they are saved.

    Raises ExportError where rounding changes what the n-grams add by more than a few hundredths of their weights.
    """
    network.eval()
    batch = Batch.of(sequences)
    if beside is not None:
        batch = replace(batch, beside=torch.from_numpy(beside))
    with torch.inference_mode():
        scores: NDArray[np.float32] = network.network_scores(batch).numpy()
        if ngrams is None:
            return scores
        exact = network.ngram_scores(batch).numpy()
    added = ngrams.logits(batch.values.numpy(), batch.lengths.numpy(), [])
    sizes = replace(ngrams, weights=np.abs(ngrams.weights)).logits(batch.values.numpy(), batch.lengths.numpy(), [])
    if (np.abs(added - exact) > MOST_ROUNDED * (sizes + np.abs(ngrams.weights).max(initial=0))).any():
        raise ExportError("The rounded weights of the n-grams differ from those that were trained. Please report this.")
    return scores + added


def _with(ids: NDArray[np.int32], beside: NDArray[np.float32] | None, row: int) -> Encoding:
    return Encoding(ids, len(ids), 0, features=None if beside is None else beside[row])


def _with_unknown_words(ids: NDArray[np.int32], shape: ManyToOneShape, rng: np.random.Generator) -> Encoding:
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
