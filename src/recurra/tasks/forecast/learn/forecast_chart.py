"""Charts of forecasts as inline SVG: a history with what is forecast after it, and how errors grow with the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from recurra.report.quantity import Quantity, is_number
from recurra.report.svg import Plot, axes, chart, dot, line, path, text, ticks
from recurra.report.wording import shortened

CSS = """
.chart .curve.history { stroke: var(--quiet); stroke-width: 1.6; }
.chart .curve.forecast { stroke: var(--good); }
.chart .curve.naive { stroke: var(--baseline); stroke-width: 1.6; stroke-dasharray: 5 4; }
.chart polygon.spread { fill: var(--good); fill-opacity: 0.18; }
.chart circle.history { fill: var(--quiet); }
.chart circle.forecast { fill: var(--good); }
.forecast-legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; margin: 0.8rem 0 1rem; font-size: 0.875rem; }
.forecast-legend i { display: inline-block; width: 1.4rem; vertical-align: middle; }
.forecast-legend i { border-top: 2.5px solid var(--quiet); }
.forecast-legend .forecast { border-color: var(--good); }
.forecast-legend .spread { border-top-width: 0.8rem; border-color: color-mix(in srgb, var(--good) 22%, transparent); }
.forecast-legend .valid { border-color: var(--blue); }
.forecast-legend .naive { border-color: var(--baseline); border-top-style: dashed; }
.forecasts { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
.forecasts h3 { margin: 0 0 0.5rem; font-size: 1rem; }
"""
"""Rules that a page with these charts needs."""

_WIDTH, _HEIGHT = 460, 190
_LEFT, _TOP, _BOTTOM = 58, 8, 164
_DOTS = 40
"""Up to so many steps of the horizon what came is drawn as dots too."""


def legend() -> Markup:
    """Return what the lines of `forecast_chart` are, once for several charts."""
    names = {"history": "history", "forecast": "forecast", "spread": "80 % band", "valid": "what came",
             "naive": "seasonal naive"}  # fmt: skip
    items = Markup("").join(
        Markup('<span><i class="{}"></i> {}</span>').format(kind, words) for kind, words in names.items()
    )
    return Markup('<p class="forecast-legend">{}</p>').format(items)


def forecast_chart(drawn: Mapping[str, Any]) -> Markup:
    """Return the chart of one series.

    drawn: series (its name), first and last (times), history [T] and truth [H] (None where missing; truth may be left
    out), quantiles [H][3], seasonal_naive [H] (may be left out).
    """
    history, truth = list(drawn["history"]), list(drawn.get("truth") or [])
    quantiles, naive = drawn["quantiles"], list(drawn.get("seasonal_naive") or [])
    count, horizon = len(history), len(quantiles)
    values = [value for value in [*history, *truth, *naive, *(q for row in quantiles for q in row)] if is_number(value)]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 0.1 * max(abs(high), 1.0)
    plot = Plot(_LEFT, _TOP, _WIDTH - 14, _BOTTOM, 0, max(1, count + horizon - 1), low - margin, high + margin)
    parts = axes(plot, [], ticks(plot.y_low, plot.y_high, 4), str, _number, "", "")
    parts += [
        text(plot.left, plot.bottom + 18, shortened(drawn["first"], 22), "tick", "start"),
        text(plot.right, plot.bottom + 18, shortened(drawn["last"], 22), "tick", "end"),
        line(plot.x(count - 0.5), plot.top, plot.x(count - 0.5), plot.bottom, "reference"),
    ]
    ahead = [plot.x(count + step) for step in range(horizon)]
    edge = [(x, plot.y(row[-1])) for x, row in zip(ahead, quantiles, strict=True)]
    edge += [(x, plot.y(row[0])) for x, row in zip(reversed(ahead), reversed(quantiles), strict=True)]
    parts.append(f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in edge)}" class="spread"/>')
    for points in _pieces(plot, history, 0):
        parts.append(path(points, "curve history") if len(points) > 1 else dot(*points[0], "history", "", 2))
    if naive:
        parts.append(path([(x, plot.y(value)) for x, value in zip(ahead, naive, strict=True)], "curve naive"))
    parts.append(path([(x, plot.y(row[1])) for x, row in zip(ahead, quantiles, strict=True)], "curve forecast"))
    for points in _pieces(plot, truth, count):
        parts.append(path(points, "curve valid"))
    if horizon <= _DOTS:
        parts += [
            dot(ahead[step], plot.y(value), "valid", f"step {step + 1}: {_number(value)}", 3)
            for step, value in enumerate(truth)
            if is_number(value)
        ]
    end = quantiles[-1]
    description = (
        f"{count} steps of history; at the end of {horizon} steps {_number(end[1])}, between {_number(end[0])} and "
        f"{_number(end[-1])}"
    )
    return chart(_WIDTH, _HEIGHT, f"Forecast of {drawn['series']}", description, parts)


def step_chart(steps: Sequence[Mapping[str, Any]], name: str, quantity: Quantity, reference: float) -> Markup | None:
    """Return a quantity by the step of the horizon, with a dashed line at a reference; None without data.

    steps: entries with step and the quantity under `name`, None where it is not known.
    """
    points = [(float(one["step"]), float(one[name])) for one in steps if is_number(one.get(name))]
    if len(points) < 2:
        return None
    values = [value for _, value in points] + [reference]
    low, high = (0.0, 1.0) if quantity.share else (0.0, 1.08 * max(values))
    plot = Plot(_LEFT + 12, 12, _WIDTH - 14, 196, points[0][0], points[-1][0], low, high)
    marks = [step for step in ticks(points[0][0], points[-1][0], 8) if step == int(step)]
    parts = axes(plot, marks, ticks(low, high, 5), lambda step: f"{step:g}", quantity.show_tick, "step", quantity.title)
    parts.append(line(plot.left, plot.y(reference), plot.right, plot.y(reference), "reference"))
    at = [(plot.x(step), plot.y(value)) for step, value in points]
    parts.append(path(at, "curve valid"))
    if len(points) <= _DOTS:
        parts += [
            dot(x, y, "valid", f"step {step:g}: {quantity.show(value)}")
            for (x, y), (step, value) in zip(at, points, strict=True)
        ]
    first, last = (quantity.show(value) for value in (points[0][1], points[-1][1]))
    return chart(
        _WIDTH, 240, f"{quantity.title} by step", f"From {first} at the first step to {last} at the last", parts
    )


def _pieces(plot: Plot, values: Sequence[float | None], first: int) -> list[list[tuple[float, float]]]:
    """Return the points of a line, in pieces where values are missing."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for step, value in enumerate(values):
        if is_number(value):
            pieces[-1].append((plot.x(first + step), plot.y(float(value))))  # type: ignore[arg-type]
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e4 or abs(value) >= 1e7 else f"{value:,.0f}"
