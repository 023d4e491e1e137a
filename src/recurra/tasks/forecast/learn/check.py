"""Compare the answers of an exported model that forecasts with the network's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.export.check import check_answers
from recurra.inference.kernel_layers import Weights, available
from recurra.inference.session import open_graph
from recurra.storage.model_directory import MODEL
from recurra.tasks.forecast.engines import GraphEngine, KernelEngine
from recurra.tasks.forecast.shape import ForecastShape

Floats = NDArray[np.float32]


def check(
    shape: ForecastShape, graph: bytes, weights: Weights, frames: Floats, known: Floats, expected: Floats
) -> None:
    """Raise ExportError where the graph, or the kernel where there is one, answers differently from the network.

    frames, known: of a few windows; expected: [B, H, 3], what the network answers.
    """
    check_answers(GraphEngine(open_graph(graph, MODEL, {}))(frames, known), expected)
    if available():
        check_answers(KernelEngine(shape, weights)(frames, known), expected)
