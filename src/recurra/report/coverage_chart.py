"""The chart of withheld answers: how many rows are answered, and how often that is right, by the least confidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report.svg import Plot, axes, chart, dot, path, text, ticks
from recurra.report.wording import count, percent

_WIDTH = 460
_LEFT = 66  # room for the numbers and the title of the vertical axis


def coverage_chart(coverage: Mapping[str, Any] | None) -> Markup | None:
    """Return accuracy against the share of rows that are answered; None without a curve.

    coverage: what `evaluation.decision.coverage` returned; where its probability is above 0, a dot marks it.
    """
    curve = (coverage or {}).get("curve") or []
    if coverage is None or len(curve) < 2:
        return None
    start = math.floor(min(point["accuracy"] for point in curve) * 10) / 10
    start = min(start, 0.9)
    plot = Plot(_LEFT, 20, _WIDTH - 14, 254, 0.0, 1.0, start, 1.0)
    across, up = ticks(0.0, 1.0, 5), ticks(start, 1.0, 5)

    def shown(mark: float) -> str:
        return f"{100 * mark:g} %"

    parts = axes(plot, across, up, shown, shown, "share of rows that get an answer", "share of right answers")
    parts.append(path([(plot.x(point["coverage"]), plot.y(point["accuracy"])) for point in curve], "curve valid"))
    step = max(1, len(curve) // 12)
    for point in curve[::step]:
        hint = (
            f"from {percent(point['probability'], 0)} on: {percent(point['coverage'], 0)} answered, "
            f"{percent(point['accuracy'])} right"
        )
        parts.append(dot(plot.x(point["coverage"]), plot.y(point["accuracy"]), "valid", hint, 3))
    if coverage["probability"] and coverage["rows"]:
        x, y = plot.x(coverage["coverage"]), plot.y(coverage["accuracy"])
        hint = f"{count(coverage['rows'], 'row')} answered, {percent(coverage['accuracy'])} right"
        parts.append(dot(x, y, "train", hint, 6))
        anchor = "end" if coverage["coverage"] > 0.5 else "start"
        shift = -10 if anchor == "end" else 10
        parts.append(text(x + shift, y + 16, f"from {percent(coverage['probability'], 0)} on", "legend", anchor))
    description = "; ".join(
        f"{percent(point['coverage'], 0)} answered, {percent(point['accuracy'])} right" for point in curve[::step]
    )
    return chart(_WIDTH, 298, "Answered rows against accuracy", description, parts)
