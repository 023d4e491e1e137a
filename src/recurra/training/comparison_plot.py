"""The plot of a comparison of cells: its measure with the interval against training time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recurra.evaluation.comparison import Measure
from recurra.kernel.layout import CELL_NAMES

COLOURS = ("#0b62a8", "#c43c2e", "#2e7d4f", "#8a5a00", "#6a3d9a")


def comparison_png(cells: Sequence[dict[str, Any]], measure: Measure) -> bytes:
    """Return a PNG with one point for each cell: seconds of training across, the measure with its 95 % interval up.

    cells: entries of `cells` in comparison.json.
    """
    figure = Figure(figsize=(7, 4.2), dpi=144, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    share = measure.name == "accuracy"
    scale = 100 if share else 1
    for i, cell in enumerate(cells):
        value, (low, high) = scale * cell[measure.name], (scale * end for end in cell[f"{measure.name}_ci95"])
        colour = COLOURS[i % len(COLOURS)]
        axes.errorbar(
            cell["train_seconds"],
            value,
            yerr=[[max(0.0, value - low)], [max(0.0, high - value)]],
            fmt="o",
            markersize=8,
            capsize=5,
            color=colour,
        )
        axes.annotate(
            CELL_NAMES[cell["cell"]],
            (cell["train_seconds"], value),
            xytext=(10, 6),
            textcoords="offset points",
            color=colour,
            fontweight="bold",
        )
    axes.set_xlim(left=0, right=1.15 * max(cell["train_seconds"] for cell in cells))
    axes.set_xlabel("Training time (s)")
    axes.set_ylabel(f"Held-out {measure.title}{' (%)' if share else ''}, 95 % interval")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
