"""Charts of predicted numbers as inline SVG: predictions against truths, and how errors are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from recurra.report.svg import Plot, axes, box, chart, dot, line, ticks

CSS = """
.chart circle.point { fill: var(--blue); fill-opacity: 0.35; }
.chart .perfect { stroke: var(--baseline); stroke-width: 1.6; stroke-dasharray: 5 4; }
.chart rect.errors { fill: var(--blue); fill-opacity: 0.55; }
"""
"""Rules that a page with these charts needs."""

_WIDTH, _HEIGHT = 460, 330
_LEFT, _TOP, _BOTTOM = 66, 12, 280


def scatter(points: Sequence[Sequence[float]]) -> Markup | None:
    """Return predictions against truths, [truth, prediction] each, and the line on which both are equal; None without
    points."""
    if len(points) < 2:
        return None
    values = [value for point in points for value in point]
    low, high = min(values), max(values)
    margin = 0.04 * (high - low) or 0.1 * max(abs(high), 1.0)
    plot = Plot(_LEFT, _TOP, _WIDTH - 14, _BOTTOM, low - margin, high + margin, low - margin, high + margin)
    marks = ticks(plot.x_low, plot.x_high, 6)
    parts = axes(plot, marks, marks, _tick, _tick, "truth", "prediction")
    parts.append(line(plot.x(low), plot.y(low), plot.x(high), plot.y(high), "perfect"))
    parts += [
        dot(plot.x(truth), plot.y(found), "point", f"truth {truth:.4g}, prediction {found:.4g}", 2.5)
        for truth, found in points
    ]
    return chart(
        _WIDTH,
        _HEIGHT - 8,
        "Prediction against truth",
        f"{len(points)} held-out rows; on the dashed line a prediction is the truth",
        parts,
    )


def histogram(errors: Mapping[str, Any]) -> Markup | None:
    """Return how often errors of a size occur: edges [B + 1], counts [B]; None without rows."""
    edges, counts = errors.get("edges") or [], errors.get("counts") or []
    if not counts or not sum(counts) or not edges[-1] > edges[0]:
        return None
    plot = Plot(_LEFT, _TOP, _WIDTH - 14, _BOTTOM - 70, edges[0], edges[-1], 0, max(counts) * 1.05)
    parts = axes(
        plot, ticks(edges[0], edges[-1], 6), ticks(0, plot.y_high, 4), _tick, _tick, "prediction less truth", "rows"
    )
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        left, right, top = plot.x(low), plot.x(high), plot.y(count)
        hint = f"{low:.3g} to {high:.3g}: {count:,} rows"
        parts.append(box(left + 0.5, top, right - left - 1, plot.bottom - top, "errors", hint))
    if edges[0] < 0 < edges[-1]:
        parts.append(line(plot.x(0), plot.top, plot.x(0), plot.bottom, "perfect"))
    return chart(_WIDTH, _HEIGHT - 78, "Errors", "How many held-out rows are off by how much", parts)


def _tick(value: float) -> str:
    return f"{value:,.6g}"
