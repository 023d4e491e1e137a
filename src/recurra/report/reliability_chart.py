"""The reliability chart of a classifier: how often it is right, against how confident it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from recurra.evaluation.intervals import wilson
from recurra.report.svg import Plot, axes, chart, dot, line, text, ticks
from recurra.report.wording import count, percent

_WIDTH = 460
_LEFT = 66  # room for the numbers and the title of the vertical axis


def reliability_chart(bins: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Return accuracy against stated confidence, beside the ideal diagonal; None without filled bins.

    bins: entries with low, count, confidence and accuracy. A dot's size shows how many rows are in its bin, a whisker
    the 95 % interval of its accuracy (Wilson).
    """
    filled = [b for b in bins if b.get("count")]
    if not filled:
        return None
    lowest = min(b["low"] for b in filled)
    start = math.floor(min(lowest, *(b["accuracy"] for b in filled)) * 5) / 5 if len(filled) else 0.0
    start = min(start, 0.8)
    plot = Plot(_LEFT, 34, _WIDTH - 14, 268, start, 1.0, start, 1.0)
    marks = ticks(start, 1.0, 5)
    percents = [f"{100 * mark:g} %" for mark in marks]
    named = dict(zip(marks, percents, strict=True))
    parts = axes(
        plot, marks, marks, named.__getitem__, named.__getitem__, "stated confidence", "share of right answers"
    )
    parts.append(line(plot.x(start), plot.y(start), plot.x(1), plot.y(1), "reference"))
    most = max(b["count"] for b in filled)
    for b in filled:
        low, high = wilson(round(b["accuracy"] * b["count"]), b["count"])
        x = plot.x(b["confidence"])
        parts.append(line(x, plot.y(max(start, low)), x, plot.y(high), "whisker valid"))
        hint = f"{count(b['count'], 'row')}: {percent(b['confidence'])} sure, {percent(b['accuracy'])} right"
        parts.append(dot(x, plot.y(b["accuracy"]), "valid", hint, 3 + 6 * math.sqrt(b["count"] / most)))
    parts += [line(plot.left, 14, plot.left + 18, 14, "reference"), text(plot.left + 26, 18, "ideal", "legend")]
    parts += [
        dot(plot.left + 86, 14, "valid", "held-out", 5),
        text(plot.left + 98, 18, "held-out (size: rows)", "legend"),
    ]
    description = "; ".join(f"{percent(b['confidence'], 0)} sure, {percent(b['accuracy'], 0)} right" for b in filled)
    return chart(_WIDTH, 312, "Confidence against accuracy", description, parts)
