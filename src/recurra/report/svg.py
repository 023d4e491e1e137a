"""The few pieces that every chart here is drawn from: a plot area, axes, escaped text.

Colours and fonts come from classes that the page's style sheet defines, so that a chart follows light and dark.
Lengths are in the units of the chart's view box, which scales to the width of the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from recurra.report.wording import clean


@dataclass(frozen=True)
class Plot:
    """A plot area in a chart, and the data range it shows.

    Attributes:
        left, top, right, bottom: the edges, in view box units.
        x_low, x_high, y_low, y_high: the data at the edges.
    """

    left: float
    top: float
    right: float
    bottom: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        """Return where a value lies from the left."""
        return self.left + (value - self.x_low) / (self.x_high - self.x_low) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return where a value lies from the top."""
        return self.bottom - (value - self.y_low) / (self.y_high - self.y_low) * (self.bottom - self.top)


def chart(width: float, height: float, title: str, description: str, parts: Sequence[str]) -> Markup:
    """Return a picture with a name and a description for those who cannot see it."""
    label = escape(f"{clean(title)}. {clean(description)}")
    inside = "".join(parts)
    return Markup(
        f'<svg class="chart" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">{inside}</svg>'
    )


def text(x: float, y: float, words: object, kind: str = "", anchor: str = "start", turn: int = 0) -> str:
    """Return escaped text; `kind` is a class of the style sheet."""
    turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"{turned}>{escape(clean(words))}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def path(points: Sequence[tuple[float, float]], kind: str) -> str:
    """Return a line through points."""
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{joined}" class="{kind}"/>'


def dot(x: float, y: float, kind: str, hint: str, radius: float = 4) -> str:
    """Return a dot with a hint that is shown when it is pointed at."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="{kind}">'
        f"<title>{escape(clean(hint))}</title></circle>"
    )


def box(x: float, y: float, width: float, height: float, kind: str, hint: str = "") -> str:
    """Return a rectangle."""
    inside = f"<title>{escape(clean(hint))}</title>" if hint else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}" '
        f'rx="1.5" class="{kind}">{inside}</rect>'
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, about)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def axes(
    plot: Plot,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    x_words: Callable[[float], str],
    y_words: Callable[[float], str],
    x_title: str,
    y_title: str,
) -> list[str]:
    """Return grid lines, tick labels and the titles of both axes."""
    parts = []
    for value in y_ticks:
        parts.append(line(plot.left, plot.y(value), plot.right, plot.y(value), "grid"))
        parts.append(text(plot.left - 8, plot.y(value) + 4, y_words(value), "tick", "end"))
    parts.append(line(plot.left, plot.bottom, plot.right, plot.bottom, "axis"))
    for value in x_ticks:
        parts.append(line(plot.x(value), plot.bottom, plot.x(value), plot.bottom + 4, "axis"))
        parts.append(text(plot.x(value), plot.bottom + 18, x_words(value), "tick", "middle"))
    parts.append(text((plot.left + plot.right) / 2, plot.bottom + 37, x_title, "axis-title", "middle"))
    parts.append(text(11, (plot.top + plot.bottom) / 2, y_title, "axis-title", "middle", -90))
    return parts
