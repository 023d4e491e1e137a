"""The plot of a probe: each cell's score over the steps to look back, and the cost of a training step."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from recurra.kernel.layout import CELL_NAMES

COLOURS = {"rnn": "#8a5a00", "gru": "#0b62a8", "lstm": "#c43c2e", "mingru": "#2e7d4f", "minlstm": "#6a3d9a"}
MARKERS = {"rnn": "s", "gru": "o", "lstm": "^", "mingru": "D", "minlstm": "v"}
_INK, _MUTED, _GRID = "#1f1e1b", "#6a675f", "#e6e3dc"
FAINT: dict[str, Any] = {"markersize": 4, "alpha": 0.35, "markeredgewidth": 0}
SPREAD = 1.06
"""Factor between the positions of two cells at the same length, so that no bar hides another."""


def probe_png(rows: Sequence[Mapping[str, Any]], problems: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a PNG with a panel for each problem, score over length, and one for the time of a training step.

    rows: entries of `rows` in probe.json, one for each problem, cell and length. problems: entries of `problems`: name,
    title, score, trivial, perfect. Lines join means over seeds, bars reach from the worst seed to the best, and each
    seed is a faint point, since a mean of two clusters is no seed's score. Costs are means over problems, with range.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator

    height = (len(problems) + 2) // 2  # two panels in a row: four are too small to read on a phone
    figure = Figure(figsize=(7.6, 3.5 * height), dpi=144, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(height, 2, squeeze=False).flatten()
    for panel in panels[len(problems) + 1 :]:
        panel.remove()
    panels = panels[: len(problems) + 1]
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    lengths = sorted({row["length"] for row in rows})
    for panel, problem in zip(panels, problems, strict=False):
        for number, cell in enumerate(cells):
            cell_rows = [row for row in rows if row["cell"] == cell and row["problem"] == problem["name"]]
            _line(panel, cell_rows, "score", number - (len(cells) - 1) / 2)
        panel.axhline(problem["trivial"], color=_MUTED, linestyle="--", linewidth=1)
        better = "lower is better" if problem["perfect"] < problem["trivial"] else "higher is better"
        above = problem["perfect"] < problem["trivial"]
        panel.annotate(
            "remembers nothing", (lengths[0], problem["trivial"]), xytext=(0, 4 if above else -12),
            textcoords="offset points", ha="left", color=_MUTED, fontsize=8,
        )  # fmt: skip
        _label(panel, problem["title"], f"{problem['score']} ({better})", lengths)
        span = abs(problem["trivial"] - problem["perfect"])
        low, high = sorted((problem["trivial"], problem["perfect"]))
        panel.set_ylim(low - 0.18 * span, high + 0.18 * span)
    for number, cell in enumerate(cells):
        costs = []
        for length in lengths:
            same = [row for row in rows if (row["cell"], row["length"]) == (cell, length)]
            times = [row["cpu_milliseconds_per_step"] for row in same]
            mean, ends = sum(times) / len(times), [min(times), max(times)]
            costs.append({"cell": cell, "length": length, "cost": mean, "cost_range": ends})
        _line(panels[-1], costs, "cost", number - (len(cells) - 1) / 2)
    panels[-1].set_yscale("log")
    panels[-1].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panels[-1].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    _label(panels[-1], "Cost", "processor milliseconds a training step", lengths)
    panels[0].legend(frameon=False, labelcolor=_INK, fontsize=9)
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _line(panel: Any, rows: Sequence[Mapping[str, Any]], name: str, offset: float) -> None:
    """Draw one cell: a value at each length, with its range, `offset` positions beside the others."""
    if not rows:
        return
    values = [row[name] for row in rows]
    below = [value - row[f"{name}_range"][0] for value, row in zip(values, rows, strict=True)]
    above = [row[f"{name}_range"][1] - value for value, row in zip(values, rows, strict=True)]
    cell, positions = rows[0]["cell"], [row["length"] * SPREAD**offset for row in rows]
    for position, row in zip(positions, rows, strict=True):
        seeds = row.get("scores", [])
        panel.plot([position] * len(seeds), seeds, linestyle="", marker=MARKERS[cell], color=COLOURS[cell], **FAINT)
    panel.errorbar(
        positions, values, yerr=[below, above], label=CELL_NAMES[cell],
        color=COLOURS[cell], marker=MARKERS[cell], markersize=5.5, linewidth=1.6, capsize=3,
    )  # fmt: skip


def _label(panel: Any, title: str, y_title: str, lengths: Sequence[int]) -> None:
    panel.set_title(title, loc="left", fontsize=11, color=_INK)
    panel.set_xscale("log")
    panel.set_xticks(lengths, [f"{length:,}" for length in lengths])
    panel.minorticks_off()
    panel.set_xlabel("steps to look back", color=_MUTED)
    panel.set_ylabel(y_title, color=_MUTED)
    panel.tick_params(colors=_MUTED, length=0)
    panel.grid(axis="y", color=_GRID)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.spines["bottom"].set_color(_MUTED)
