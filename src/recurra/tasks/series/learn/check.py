"""Compare the answers of an exported model of series with the network's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.export.check import check_answers
from recurra.inference.kernel_layers import Weights, available
from recurra.inference.session import open_graph
from recurra.storage.model_directory import MODEL
from recurra.tasks.series.engines import GraphEngine, KernelEngine
from recurra.tasks.series.shape import SeriesShape

Floats = NDArray[np.float32]


def check(shape: SeriesShape, graph: bytes, weights: Weights, frames: Sequence[Floats], expected: Floats) -> None:
    """Raise ExportError where the graph, or the kernel where there is one, answers differently from the network.

    frames: [T_n, V] of a few series; expected: [N, K], what the network with its convolutions answers.
    """
    lengths = np.array([len(values) for values in frames], dtype=np.int64)
    padded = np.full((len(frames), int(lengths.max()), shape.values), 7, dtype=np.float32)  # padding may not count
    for row, values in zip(padded, frames, strict=True):
        row[: len(values)] = values
    check_answers(GraphEngine(open_graph(graph, MODEL, {}), shape)(padded, lengths), expected)
    if available():
        check_answers(KernelEngine(shape, weights)(padded, lengths), expected)
