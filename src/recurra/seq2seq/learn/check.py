"""Export a trained encoder-decoder and compare the two graphs' answers with the network's own."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.export.check import check_answers
from recurra.seq2seq.beam_search import align
from recurra.seq2seq.learn.graphs import build_encoder, build_step
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.learn.objective import PairExamples
from recurra.seq2seq.session import Seq2SeqSession

CHECKED = 8
"""Pairs on which the graphs are compared with the network."""


def checked_graphs(
    network: Seq2Seq, weights: dict[str, NDArray[np.float32]], pairs: PairExamples
) -> tuple[bytes, bytes]:
    """Return (model.onnx, step.onnx), which give some targets the log-probabilities that the network gives.

    Raises ExportError where these differ.
    """
    encoder, step = build_encoder(network.shape, weights), build_step(network.shape, weights)
    rows = np.arange(min(CHECKED, len(pairs)))
    inputs, targets = pairs.batch(rows)
    with torch.inference_mode():
        logits = network.decode(network.encode(inputs.source), inputs.target)
        expected = logits.log_softmax(-1)[torch.arange(len(targets)), targets].numpy()
    session = Seq2SeqSession(network.shape, encoder, step)
    numbers = [int(number) for number in pairs.rows[rows]]
    memory = session.read([pairs.sources[number] for number in numbers])
    scored = align(session, memory, [pairs.targets[number] for number in numbers])
    check_answers(np.concatenate([log_probabilities for log_probabilities, _, _ in scored]), expected)
    if network.match is not None:
        with torch.inference_mode():
            vectors = torch.cat(network.matched(*network.encode(inputs.source)[:2]), dim=1).numpy()
        check_answers(np.concatenate(session.match_vectors([pairs.sources[number] for number in numbers]), 1), vectors)
    return encoder, step
