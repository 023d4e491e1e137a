"""The charts of every report as inline SVG: learning curves, and values with their intervals on one axis.

Training is red, held-out is blue, everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from recurra.report.quantity import Quantity, is_number
from recurra.report.svg import Plot, axes, box, chart, dot, line, path, text, ticks
from recurra.report.wording import shortened

_WIDTH = 460
_LEFT = 66  # room for the numbers and the title of a vertical axis
_NAMES = (("train", "training"), ("valid", "validation"))


def learning_curve(history: Sequence[Mapping[str, Any]], name: str, quantity: Quantity) -> Markup | None:
    """Return one quantity per epoch, training in red and validation in blue; None without data.

    Args:
        history: entries with epoch, train_<name> and valid_<name>; either may be missing or None.
        name: which quantity, such as "loss".
        quantity: how it is written.
    """
    series = {
        part: [
            (float(entry["epoch"]), float(entry[f"{part}_{name}"]))
            for entry in history
            if is_number(entry.get(f"{part}_{name}"))
        ]
        for part in ("train", "valid")
    }
    values = [value for points in series.values() for _, value in points]
    if not values:
        return None
    low, high = _range(values, quantity)
    epochs = sorted({epoch for points in series.values() for epoch, _ in points})
    plot = Plot(_LEFT, 34, _WIDTH - 14, 218, *_around(epochs), low, high)
    marks = [e for e in ticks(epochs[0], epochs[-1], 8) if e == int(e)] if len(epochs) > 1 else epochs
    parts = axes(plot, marks, ticks(low, high, 5), lambda e: f"{e:g}", quantity.show_tick, "epoch", quantity.axis_title)
    legend = plot.left
    for part, label in _NAMES:
        if series[part]:
            parts.append(path([(plot.x(e), plot.y(v)) for e, v in series[part]], f"curve {part}"))
            parts += [
                dot(plot.x(e), plot.y(v), part, f"{label}, epoch {e:g}: {quantity.show(v)}") for e, v in series[part]
            ]
            parts += [line(legend, 14, legend + 18, 14, f"curve {part}"), dot(legend + 9, 14, part, label)]
            parts.append(text(legend + 26, 18, label, "legend"))
            legend += 112
    last = [f"{label} {quantity.show(series[part][-1][1])}" for part, label in _NAMES if series[part]]
    return chart(_WIDTH, 262, f"{quantity.title} per epoch", f"At the end: {', '.join(last)}", parts)


def _range(values: Sequence[float], quantity: Quantity) -> tuple[float, float]:
    """Return a range a little wider than the values, within the bounds of the quantity."""
    low, high = min(values), max(values)
    least = 0.01 if quantity.share else 0.02 * max(abs(high), 0.05)
    margin = max((high - low) * 0.12, least)
    bottom, top = low - margin, high + margin
    if quantity.lowest is not None:
        bottom = max(quantity.lowest, bottom)
    if quantity.highest is not None:
        top = min(quantity.highest, top)
    return bottom, top


def _around(epochs: Sequence[float]) -> tuple[float, float]:
    """Return a range that holds all epochs off the edges."""
    margin = max(0.25, (epochs[-1] - epochs[0]) * 0.04)
    return epochs[0] - margin, epochs[-1] + margin


@dataclass(frozen=True)
class Bar:
    """One line of an interval chart: a value and its uncertainty.

    Attributes:
        name: above it.
        value: of the chart's quantity.
        interval: its 95 % interval, if it has one.
        kind: valid, train, baseline or plain (a class of the style sheet).
        note: in small print behind the name.
    """

    name: str
    value: float
    interval: Sequence[float] | None = None
    kind: str = "plain"
    note: str = ""


def interval_chart(
    title: str,
    bars: Sequence[Bar],
    quantity: Quantity,
    reference: float | None = None,
    words: str = "",
    rows: str = "rows",
) -> Markup:
    """Return values under each other on one axis, a dot each, with 95 % intervals as bands.

    Args:
        title: for those who cannot see it.
        bars: at least one.
        quantity: how the values are written.
        reference: a value to mark with a dashed line.
        words: what the dashed line is.
        rows: what is held out, in the plural.
    """
    ends = [bar.value for bar in bars] + [end for bar in bars for end in bar.interval or ()]
    ends += [] if reference is None else [reference]
    low, high = _range(ends, quantity)
    top, step = (26 if reference is not None else 8), 44
    bottom = top + step * len(bars) + 4
    plot = Plot(10, top, _WIDTH - 10, bottom, low, high, 0, 1)
    parts = []
    for value in ticks(low, high, 6):
        parts.append(line(plot.x(value), top, plot.x(value), bottom, "grid"))
        parts.append(text(plot.x(value), bottom + 18, quantity.show_tick(value), "tick", "middle"))
    parts.append(line(plot.left, bottom, plot.right, bottom, "axis"))
    parts.append(
        text(
            (plot.left + plot.right) / 2,
            bottom + 37,
            f"{quantity.axis_title} on held-out {rows}",
            "axis-title",
            "middle",
        )
    )
    if reference is not None:
        where = plot.x(reference)
        anchor = "start" if where < _WIDTH / 3 else "end" if where > 2 * _WIDTH / 3 else "middle"
        parts += [line(where, top - 4, where, bottom, "reference"), text(where, top - 10, words, "tick", anchor)]
    for index, bar in enumerate(bars):
        y = top + step * index + 32
        name = shortened(bar.name, 44)
        note = f" · {bar.note}" if bar.note else ""
        parts.append(text(plot.left, y - 13, name + note, "bar-name"))
        parts.append(text(plot.right, y - 13, quantity.show(bar.value), "bar-value", "end"))
        if bar.interval:
            start, end = plot.x(bar.interval[0]), plot.x(bar.interval[1])
            hint = f"{name}: 95 % interval {quantity.show_interval(bar.interval)}"
            parts.append(box(start, y - 6, end - start, 12, f"band {bar.kind}", hint))
        parts.append(dot(plot.x(bar.value), y, bar.kind, f"{name}: {quantity.show(bar.value)}", 4))
    description = "; ".join(
        f"{bar.name} {quantity.show(bar.value)} ({quantity.show_interval(bar.interval)})" for bar in bars
    )
    return chart(_WIDTH, bottom + 44, title, description, parts)
