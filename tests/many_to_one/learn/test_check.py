"""An exported classifier that answers differently is not written."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.errors import ExportError
from recurra.many_to_one.learn import check
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.shape import ManyToOneShape


def test_a_graph_that_answers_differently_stops_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    shape = ManyToOneShape(
        vocabulary=20, embedding=3, cell="gru", hidden=3, layers=1, direction="both", pooling="max", outputs=1
    )
    network = ManyToOneNetwork(shape)
    check.checked_graph(network, 1.5)
    honest = check.build

    def altered(shape: ManyToOneShape, weights: dict[str, np.ndarray], temperature: float) -> bytes:
        return honest(shape, weights | {"head.bias": weights["head.bias"] + 0.01}, temperature)

    monkeypatch.setattr(check, "build", altered)
    with pytest.raises(ExportError, match="answers differently"):
        check.checked_graph(network, 1.5)
    with torch.no_grad():
        network.head.bias.fill_(float("nan"))
    monkeypatch.setattr(check, "build", honest)
    with pytest.raises(ExportError):
        check.checked_graph(network, 1.5)
