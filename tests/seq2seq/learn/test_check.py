"""An exported encoder-decoder that answers differently is not written."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.errors import ExportError
from recurra.seq2seq.learn import check
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.learn.objective import PairExamples
from recurra.seq2seq.shape import Seq2SeqShape


@pytest.mark.parametrize(
    ("part", "weight"),
    [("build_encoder", "embedding.weight"), ("build_step", "embedding.weight"), ("build_encoder", "match.weight")],
)
def test_other_weights_in_either_graph_stop_the_export(part: str, weight: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    shape = Seq2SeqShape(
        vocabulary=11, embedding=4, cell="gru", hidden=3, layers=1, max_tokens=9, beam=2, length_penalty=1.0, match=2
    )
    network = Seq2Seq(shape).eval()
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    rng = np.random.default_rng(0)
    ids = [rng.integers(2, 11, length).astype(np.int32) for length in (3, 1, 7, 2)]
    pairs = PairExamples(ids, ids[::-1], np.arange(4))
    check.checked_graphs(network, weights, pairs)
    build = getattr(check, part)

    def altered(shape: Seq2SeqShape, weights: dict[str, np.ndarray]) -> bytes:
        return build(shape, weights | {weight: weights[weight] * 1.1})

    monkeypatch.setattr(check, part, altered)
    with pytest.raises(ExportError, match="answers differently"):
        check.checked_graphs(network, weights, pairs)
