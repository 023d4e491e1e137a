"""The learning curves as a picture file: training in red, held-out in blue."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from recurra.terminal.history import SHARES, metric_names, title

TRAINING, HELD_OUT = "#c8372d", "#2458c5"
_INK, _QUIET, _GRID = "#1f1e1b", "#6a675f", "#e6e3dc"


def curves_png(history: Sequence[Mapping[str, Any]], loss_unit: str = "nats") -> bytes:
    """Return a PNG with a panel for each metric per epoch, such as accuracy, and one for the loss.

    Args:
        history: an entry for each epoch with epoch, train_loss, valid_loss, and train_<name> and valid_<name> of each
            metric; a value may be missing or None. Without any entry the panel is marked as not measured.
        loss_unit: of the loss; "" where it has none.

    Needs matplotlib (the `train` extra). Uses no global state: safe in threads and beside a user's own figures.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    quantities = [*metric_names(history), "loss"]
    figure = Figure(figsize=(5 * len(quantities), 4), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12, wspace=0.06)
    panels = figure.subplots(1, len(quantities), squeeze=False)[0]
    for panel, quantity in zip(panels, quantities, strict=True):
        drawn = False
        for part, name, colour in (("train", "training", TRAINING), ("valid", "validation", HELD_OUT)):
            points = [(e["epoch"], e[f"{part}_{quantity}"]) for e in history if e.get(f"{part}_{quantity}") is not None]
            if points:
                epochs, values = zip(*points, strict=True)
                panel.plot(epochs, values, color=colour, marker="o", markersize=4.5, linewidth=2, label=name)
                drawn = True
        panel.set_title(f"{title(quantity).capitalize()} per epoch", loc="left", fontsize=12, color=_INK, pad=12)
        panel.set_xlabel("epoch", color=_QUIET)
        unit = f" ({loss_unit})" if quantity == "loss" and loss_unit else ""
        panel.set_ylabel(title(quantity) + unit, color=_QUIET)
        panel.tick_params(colors=_QUIET, length=0)
        panel.grid(axis="y", color=_GRID)
        panel.set_axisbelow(True)
        for side, spine in panel.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(_QUIET)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        if quantity in SHARES:
            panel.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
        if drawn:
            panel.legend(frameon=False, labelcolor=_INK)
        else:
            panel.text(0.5, 0.5, "not measured", ha="center", va="center", color=_QUIET, transform=panel.transAxes)
            panel.set(xticks=[], yticks=[])
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()
