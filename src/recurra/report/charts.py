"""The charts of the report as inline SVG: learning curves, intervals side by side, reliability.

Training is red, held-out is blue, everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from recurra.evaluation.intervals import wilson
from recurra.report.svg import Plot, axes, box, chart, dot, line, path, text, ticks
from recurra.report.wording import count, number, percent, percent_interval, shortened
from recurra.terminal.history import SHARES, title

_WIDTH = 460
_LEFT = 66  # room for the numbers and the title of a vertical axis
_NAMES = (("train", "training"), ("valid", "held-out"))


def learning_curve(history: Sequence[Mapping[str, Any]], quantity: str, loss_unit: str = "nats") -> Markup | None:
    """Return one quantity per epoch, training in red and held-out in blue; None without data.

    Args:
        history: entries with epoch, train_<quantity> and valid_<quantity>; either may be missing or None.
        quantity: "loss", or the name of a metric such as "accuracy".
        loss_unit: of the loss; "" where it has none.
    """
    series = {
        part: [
            (float(entry["epoch"]), float(entry[f"{part}_{quantity}"]))
            for entry in history
            if entry.get(f"{part}_{quantity}") is not None and math.isfinite(entry[f"{part}_{quantity}"])
        ]
        for part in ("train", "valid")
    }
    values = [value for points in series.values() for _, value in points]
    if not values:
        return None
    shares = quantity in SHARES
    unit = f" ({loss_unit})" if quantity == "loss" and loss_unit else ""
    low, high = _range(values, 0.0 if min(values) >= 0 else -math.inf, 1.0 if shares else None)
    epochs = sorted({epoch for points in series.values() for epoch, _ in points})
    plot = Plot(_LEFT, 34, _WIDTH - 14, 218, *_around(epochs), low, high)
    marks = [e for e in ticks(epochs[0], epochs[-1], 8) if e == int(e)] if len(epochs) > 1 else epochs
    parts = axes(
        plot, marks, ticks(low, high, 5), lambda e: f"{e:g}", lambda v: f"{100 * v:g} %" if shares else f"{v:g}",
        "epoch", title(quantity) + unit,
    )  # fmt: skip
    words = percent if shares else number
    legend = plot.left
    for part, name in _NAMES:
        if series[part]:
            parts.append(path([(plot.x(e), plot.y(v)) for e, v in series[part]], f"curve {part}"))
            parts += [dot(plot.x(e), plot.y(v), part, f"{name}, epoch {e:g}: {words(v)}") for e, v in series[part]]
            parts += [line(legend, 14, legend + 18, 14, f"curve {part}"), dot(legend + 9, 14, part, name)]
            parts.append(text(legend + 26, 18, name, "legend"))
            legend += 112
    last = [f"{name} {words(series[part][-1][1])}" for part, name in _NAMES if series[part]]
    return chart(_WIDTH, 262, f"{title(quantity).capitalize()} per epoch", f"At the end: {', '.join(last)}", parts)


def _range(values: Sequence[float], floor: float, ceiling: float | None) -> tuple[float, float]:
    """Return a range a little wider than the values, within the bounds."""
    low, high = min(values), max(values)
    margin = max((high - low) * 0.12, 0.01 if ceiling else 0.02 * max(high, 0.05))
    top = high + margin
    return max(floor, low - margin), top if ceiling is None else min(ceiling, top)


def _around(epochs: Sequence[float]) -> tuple[float, float]:
    """Return a range that holds all epochs off the edges."""
    margin = max(0.25, (epochs[-1] - epochs[0]) * 0.04)
    return epochs[0] - margin, epochs[-1] + margin


@dataclass(frozen=True)
class Bar:
    """One line of an interval chart: a value and how sure it is.

    Attributes:
        name: at its left.
        value: the accuracy, or what the chart's scale shows.
        interval: its 95 % interval, if it has one.
        kind: valid, train, baseline or plain (a class of the style sheet).
        note: in small print behind the name.
    """

    name: str
    value: float
    interval: Sequence[float] | None = None
    kind: str = "plain"
    note: str = ""


@dataclass(frozen=True)
class Scale:
    """The axis of an interval chart.

    Attributes:
        title: what stands under it.
        show: a value in words.
        show_interval: two ends in words.
        tick: a round value at the axis.
        ceiling: the largest value that can be; none where there is no bound.
    """

    title: str
    show: Callable[[float], str]
    show_interval: Callable[[Sequence[float] | None], str]
    tick: Callable[[float], str]
    ceiling: float | None


ACCURACY = Scale("accuracy on held-out rows", percent, percent_interval, lambda value: f"{100 * value:g} %", 1.0)


def interval_chart(
    title: str, bars: Sequence[Bar], reference: float | None = None, words: str = "", *, scale: Scale = ACCURACY
) -> Markup:
    """Return values under each other on one axis, a dot each, with 95 % intervals as bands.

    Args:
        title: for those who cannot see it.
        bars: at least one.
        reference: a value to mark with a dashed line.
        words: what the dashed line is.
        scale: the axis.
    """
    ends = [bar.value for bar in bars] + [end for bar in bars for end in bar.interval or ()]
    ends += [] if reference is None else [reference]
    low, high = _range(ends, 0.0, scale.ceiling)
    top, step = (26 if reference is not None else 8), 44
    bottom = top + step * len(bars) + 4
    plot = Plot(10, top, _WIDTH - 10, bottom, low, high, 0, 1)
    parts = []
    for value in ticks(low, high, 6):
        parts.append(line(plot.x(value), top, plot.x(value), bottom, "grid"))
        parts.append(text(plot.x(value), bottom + 18, scale.tick(value), "tick", "middle"))
    parts.append(line(plot.left, bottom, plot.right, bottom, "axis"))
    parts.append(text((plot.left + plot.right) / 2, bottom + 37, scale.title, "axis-title", "middle"))
    if reference is not None:
        where = plot.x(reference)
        anchor = "start" if where < _WIDTH / 3 else "end" if where > 2 * _WIDTH / 3 else "middle"
        parts += [line(where, top - 4, where, bottom, "reference"), text(where, top - 10, words, "tick", anchor)]
    for index, bar in enumerate(bars):
        y = top + step * index + 32
        name = shortened(bar.name, 44)
        note = f" · {bar.note}" if bar.note else ""
        parts.append(text(plot.left, y - 13, name + note, "bar-name"))
        parts.append(text(plot.right, y - 13, scale.show(bar.value), "bar-value", "end"))
        if bar.interval:
            start, end = plot.x(bar.interval[0]), plot.x(bar.interval[1])
            hint = f"{name}: 95 % interval {scale.show_interval(bar.interval)}"
            parts.append(box(start, y - 6, end - start, 12, f"band {bar.kind}", hint))
        parts.append(dot(plot.x(bar.value), y, bar.kind, f"{name}: {scale.show(bar.value)}", 4))
    spoken = "; ".join(f"{bar.name} {scale.show(bar.value)} ({scale.show_interval(bar.interval)})" for bar in bars)
    return chart(_WIDTH, bottom + 44, title, spoken, parts)


def reliability_chart(bins: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Return accuracy against stated confidence, with the ideal diagonal and how many rows each dot stands for."""
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
    parts = axes(plot, marks, marks, named.__getitem__, named.__getitem__, "stated confidence", "share that was right")
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
    spoken = "; ".join(f"{percent(b['confidence'], 0)} sure, {percent(b['accuracy'], 0)} right" for b in filled)
    return chart(_WIDTH, 312, "Confidence against accuracy", spoken, parts)
