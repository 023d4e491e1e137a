"""Every graph of a model of series is one that is run; its answers are compared in test_engines.py."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from recurra.errors import ExportError
from recurra.inference.closed_graph import check_graph
from recurra.tasks.series.learn.graph import build
from support.series import shape, weights_of
from support.torch_cells import MODULES

FRONTS = [((1, 64, 1),), ((31, 32, 64), (5, 64, 1), (3, 64, 1))]
LONGEST = tuple(range(1, 33))


@pytest.mark.parametrize(
    ("cell", "direction", "dilations", "front"),
    [*product(MODULES, ("both", "forward"), ((), (1, 7), LONGEST), FRONTS)],
)
def test_every_graph_is_run(cell: str, direction: str, dilations: tuple[int, ...], front: object) -> None:
    network = shape(cell=cell, direction=direction, dilations=dilations, biases=3 * bool(dilations), front=front)
    check_graph(build(network, weights_of(network)), "graph", {})


def test_weights_of_another_network_are_refused() -> None:
    weights = weights_of(shape())
    with pytest.raises(ExportError, match="do not fit"):
        build(shape(dilations=(), biases=0), weights)
    weights["head.bias"] = np.full(3, np.nan, dtype=np.float32)
    with pytest.raises(ExportError, match="not finite"):
        build(shape(), weights)
