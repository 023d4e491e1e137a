"""Every graph of a model that forecasts is one that is run; its answers are compared in test_engines.py."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from recurra.errors import ExportError
from recurra.inference.closed_graph import check_graph
from recurra.tasks.forecast.learn.graph import build
from support.forecast import shape, weights_of
from support.torch_cells import MODULES


@pytest.mark.parametrize(("cell", "members", "layers", "segment"), list(product(MODULES, (1, 8), (1, 3), (1, 48))))
def test_every_graph_is_run(cell: str, members: int, layers: int, segment: int) -> None:
    network = shape(cell=cell, members=members, layers=layers, segment=segment, hidden=3)
    check_graph(build(network, weights_of(network)), "graph", {})


def test_weights_of_another_network_are_refused() -> None:
    weights = weights_of(shape())
    with pytest.raises(ExportError, match="do not fit"):
        build(shape(members=1), weights)
    weights["members.0.state.bias"] = np.full(6, np.inf, dtype=np.float32)
    with pytest.raises(ExportError, match="not finite"):
        build(shape(), weights)
