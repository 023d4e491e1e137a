"""An explanation of a forecast as one self-contained page: history, forecast and band, and the parts in tables.

Whatever comes from the user is escaped. Colour is never the only sign: bars below the history point upwards for what
makes the forecast larger and downwards for what makes it smaller, and tables have the numbers.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from recurra.report.document import document
from recurra.report.lines import few, runs
from recurra.report.wording import clean, percent
from recurra.tasks.forecast.explain import Explanation
from recurra.tasks.forecast.explanation_text import (
    KINDS,
    called,
    notes,
    number,
    piece,
    said,
    signed,
    some_steps,
    summary,
    title,
)

Floats = NDArray[np.float64]

WIDE, TALL = 1000, 260
"""Units of the picture, which is stretched to the width of the page."""
LINE = 200
"""Units from the top that the lines have; the bars have the rest."""
MIDDLE, BAR = 232, 26
"""Where the bars begin, and how long the longest is."""
MARGIN = 8
STRIP = 20
"""Units from top to bottom of a strip of bars in a table."""
POINTS = 300
"""Most pairs of points of a line: see `few`."""
FAINT = 0.05
"""A piece below this share of the strongest contribution is not coloured."""
BARS = 60
"""Most bars of a strip."""
MOST_STEPS = 24
"""Steps that the table has; of more some, evenly."""

_STYLE = """
main { max-width: 60rem; }
figure { margin: 1.25rem 0 0; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; font-size: 0.8125rem;
  color: var(--quiet); }
.forecast { display: block; width: 100%; height: 20rem; margin-top: 0.25rem; border-bottom: 1px solid var(--line); }
.forecast polyline { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.forecast .history { stroke: var(--quiet); stroke-width: 1.5px; }
.forecast .middle { stroke: rgb(var(--for)); stroke-width: 2.5px; }
.forecast .smoothing { stroke: var(--ink); stroke-width: 1.5px; stroke-dasharray: 5 4; }
.forecast .band { fill: rgb(var(--for) / 0.18); }
.forecast .now { stroke: var(--quiet); stroke-dasharray: 4 4; vector-effect: non-scaling-stroke; }
.forecast .zero { stroke: var(--line); vector-effect: non-scaling-stroke; }
.forecast .ground { fill: rgb(var(--c) / calc(0.24 * var(--s))); }
.forecast .rise { fill: rgb(var(--c)); }
.forecast rect.for { --c: var(--for); } .forecast rect.against { --c: var(--against); }
.forecast .hint { fill: transparent; }
.forecast .hint:hover { fill: rgb(128 128 128 / 0.15); }
.times { display: flex; justify-content: space-between; font-size: 0.8125rem; color: var(--quiet); }
.legend i { display: inline-block; width: 1.4rem; vertical-align: middle; margin-right: 0.3rem; }
.legend i { border-top: 2.5px solid var(--quiet); }
.legend i.middle { border-color: rgb(var(--for)); }
.legend i.smoothing { border-color: var(--ink); border-top-style: dashed; }
.legend i.band { border-top: 0.8rem solid rgb(var(--for) / 0.25); }
.bar .share { --c: var(--for); }
.strip { display: block; width: 100%; height: 1.75rem; border-radius: 0; }
td.bar:has(.strip) { vertical-align: middle; padding-top: 0; padding-bottom: 0; }
.strip .for { fill: rgb(var(--for)); } .strip .against { fill: rgb(var(--against)); }
thead td.bar { color: var(--quiet); font-weight: 500; font-size: 0.8125rem; }
.scroll { overflow-x: auto; }
.scroll .number { width: auto; }
.scroll th { white-space: nowrap; }
tbody tr.begin:not(:first-child) > * { padding-top: 1.4rem; }
@media (max-width: 30rem) { .forecast { height: 14rem; } th, td { padding-right: 0.6rem; }
  tbody th { min-width: 7rem; } .number { width: 4rem; } .scroll .bar { display: none; } }
"""


def page(explanation: Explanation, top: int = 10) -> str:
    """Return the page as HTML. top: how many contributions the table of them has."""
    name = title(explanation)
    parts = [
        f'<h1 dir="auto">{_shown(name)}</h1>',
        f'<p class="lead">{html.escape(summary(explanation))}</p>',
        _legend(explanation),
        _figure(explanation),
        _steps(explanation),
        _weights(explanation),
        _contributions(explanation, top),
        *(f'<p class="note">{html.escape(note)}</p>' for note in notes(explanation)),
    ]
    style = files("recurra.report").joinpath("explanation.css").read_text(encoding="utf-8") + _STYLE
    body = "\n".join(part for part in parts if part)
    return document(f"{name}: Recurra explanation", style, f"<main>\n{body}\n</main>")


def _legend(explanation: Explanation) -> str:
    lines = {"history": "history", "middle": "forecast", "smoothing": "smoothing alone", "band": "band of 80 %"}
    items = "".join(f'<span><i class="{kind}"></i>{words}</span>' for kind, words in lines.items())
    marks = (
        '<mark class="for" style="--s:0.7">makes the forecast larger</mark> '
        '<mark class="against" style="--s:0.7">makes it smaller</mark> <span class="quiet">of what the network reads; '
        "bars upwards and downwards say the same, point at one for its number</span>"
    )
    return f'<p class="legend">{items}</p>' + (f'<p class="legend">{marks}</p>' if explanation.share else "")


def _figure(explanation: Explanation) -> str:
    """Return the history that the network reads, its pieces, the forecast and the band."""
    drawn = _Drawn(explanation)
    picture = "".join([*drawn.pieces(), *drawn.lines()])
    first, last = explanation.before[drawn.first], explanation.times[-1]
    label = f"History, forecast and band. {summary(explanation)}"
    begin = f"step {first:,}" if isinstance(first, int) else first
    end = f"step {last:,} of the forecast" if isinstance(last, int) else last
    return (
        f"<figure><figcaption><span>{number(explanation, drawn.low)} to {number(explanation, drawn.high)}</span>"
        "<span>upright: where the history ends</span></figcaption>"
        f'<svg class="forecast" viewBox="0 0 {WIDE} {TALL}" preserveAspectRatio="none" role="img" '
        f'aria-label="{_shown(label)}">{picture}</svg><div class="times" aria-hidden="true">'
        f"<span>{_shown(begin)}</span><span>{_shown(end)}</span></div></figure>"
    )


class _Drawn:
    """Where things are in the picture. first: the step of the history that it begins with."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self.first = int(explanation.pieces[0, 0])
        self.history = explanation.values[self.first :]
        self.count = len(self.history) + len(explanation.times)
        known = self.history[np.isfinite(self.history)]
        whole = np.concatenate([known, explanation.quantiles.ravel(), explanation.smoothing])
        self.low, self.high = float(whole.min()), float(whole.max())

    def lines(self) -> Iterator[str]:
        """Yield the band and the lines."""
        found, start = self.explanation, len(self.history)
        places = np.arange(len(found.times))
        low, middle, high = (
            self._points(line, few(line, places, POINTS), start) for line in np.ascontiguousarray(found.quantiles.T)
        )
        yield f'<polygon class="band" points="{" ".join([*high, *reversed(low)])}"/>'
        edge = start / self.count * WIDE
        yield f'<line class="now" x1="{edge:.1f}" x2="{edge:.1f}" y1="0" y2="{LINE}"/>'
        for run in runs(np.isfinite(self.history)):
            points = self._points(self.history, few(self.history, np.arange(run.start, run.stop), POINTS), 0)
            yield _polyline("history", points)
        yield _polyline("smoothing", self._points(found.smoothing, few(found.smoothing, places, POINTS), start))
        yield _polyline("middle", middle)

    def pieces(self) -> Iterator[str]:
        """Yield the ground, the bar and the place to point at of each piece of the history."""
        found = self.explanation
        if not found.share:
            return
        falls = found.piece_falls.mean(axis=1)
        most = max(float(np.abs(falls).max(initial=0)), found.least)
        yield f'<line class="zero" x1="0" x2="{WIDE}" y1="{MIDDLE}" y2="{MIDDLE}"/>'
        for place, fall in enumerate(falls.tolist()):
            left, right = ((int(edge) - self.first) / self.count * WIDE for edge in found.pieces[place])
            wide, share, kind = right - left, abs(fall) / most, _kind(fall)
            if share >= FAINT:
                yield (
                    f'<rect class="ground {kind}" style="--s:{share:.2f}" x="{left:.1f}" y="0" width="{wide:.1f}" '
                    f'height="{LINE}"/>'
                )
            if abs(fall) >= found.least:
                tall = share * BAR
                yield (
                    f'<rect class="rise {kind}" x="{left + wide * 0.1:.1f}" '
                    f'y="{MIDDLE - tall if fall > 0 else MIDDLE:.2f}" width="{wide * 0.8:.1f}" height="{tall:.2f}"/>'
                )
            hint = f"{piece(found, place)}: {signed(found, fall)}"
            yield (
                f'<rect class="hint" x="{left:.1f}" y="0" width="{wide:.1f}" height="{TALL}">'
                f"<title>{_shown(hint)}</title></rect>"
            )

    def _points(self, values: Floats, places: NDArray[np.int64], start: int) -> list[str]:
        """Return points of a line [T] that begins `start` steps from the left."""
        span = self.high - self.low
        shares = (values[places] - self.low) / span if span > 0 else np.full(len(places), 0.5)
        xs = (start + places + 0.5) / self.count * WIDE
        ys = LINE - MARGIN - shares * (LINE - 2 * MARGIN)
        return [f"{x:.1f},{y:.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]


def _polyline(kind: str, points: list[str]) -> str:
    return f'<polyline class="{kind}" points="{" ".join(points if len(points) > 1 else points * 2)}"/>'


def _steps(explanation: Explanation) -> str:
    """Return the table of the parts by step."""
    chosen = some_steps(explanation, MOST_STEPS)
    most = max(float(np.abs(explanation.network).max()), explanation.least)
    lines = []
    for step in chosen:
        low, middle, high = (number(explanation, value) for value in explanation.quantiles[step])
        network = float(explanation.network[step])
        cells = [
            number(explanation, explanation.smoothing[step]),
            signed(explanation, network),
            f"<b>{middle}</b>",
            low,
            high,
        ]
        numbers = "".join(f'<td class="number">{cell}</td>' for cell in cells)
        shown = abs(network) >= explanation.least
        bar = f'<span class="{_kind(network)}" style="--w:{abs(network) / most:.2f}"></span>' if shown else ""
        lines.append(
            f'<tr><th scope="row">{_shown(explanation.times[step])}</th>{numbers}'
            f'<td class="bar" aria-hidden="true">{bar}</td></tr>'
        )
    heads = "".join(
        f'<th scope="col" class="number">{head}</th>' for head in ("smoothing", "network", "forecast", "from", "to")
    )
    left_out = len(explanation.times) - len(chosen)
    more = f'<p class="note">{len(chosen)} of {len(explanation.times):,} steps, evenly.</p>' if left_out else ""
    return (
        "<section><h2>Smoothing and network add up to the forecast</h2>"
        f'<div class="scroll"><table><thead><tr><th scope="col">time</th>{heads}<td></td></tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{more}</section>"
    )


def _weights(explanation: Explanation) -> str:
    """Return the table of what smoothing is made of."""
    lines, aspect = [], ""
    for one in explanation.weights:
        begin = ' class="begin"' if one.aspect != aspect else ""
        aspect = one.aspect
        lines.append(
            f'<tr{begin}><th scope="row">{KINDS[one.aspect, one.kind]}</th>'
            f'<td class="number">{percent(one.weight)}</td><td class="number">{said(explanation, one)}</td>'
            f'<td class="bar" aria-hidden="true"><span class="share" style="--w:{one.weight:.2f}"></span></td></tr>'
        )
    return (
        '<section><h2>What smoothing is made of</h2><table><thead><tr><th scope="col">smoothings with</th>'
        '<th scope="col" class="number">weight</th><th scope="col" class="number">their forecast</th><td></td></tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table></section>"
    )


def _contributions(explanation: Explanation, top: int) -> str:
    """Return the table of what the network's part rests on; nothing where there is none."""
    rows = explanation.strongest(top)
    if not rows:
        return ""
    lines = "".join(
        f'<tr><th scope="row" dir="auto">{_shown(called(explanation, place))}</th>'
        f'<td class="number">{signed(explanation, float(falls.mean()))}</td>'
        f'<td class="number">{number(explanation, float(np.abs(falls).mean()))}</td>'
        f'<td class="bar" aria-hidden="true">{_strip(falls)}</td></tr>'
        for place, falls in rows
    )
    return (
        "<section><h2>What the network’s part rests on</h2><table><thead><tr>"
        '<th scope="col">history and covariates</th><th scope="col" class="number">contribution</th>'
        '<th scope="col" class="number">size</th><td class="bar">by step, each on its scale</td></tr>'
        f"</thead><tbody>{lines}</tbody></table></section>"
    )


def _strip(falls: Floats) -> str:
    """Return the contributions [h] to every step as bars, upwards and downwards, on a scale of their own; of many steps
    the means of neighbours."""
    falls = np.array([part.mean() for part in np.array_split(falls, min(len(falls), BARS))])
    most = max(float(np.abs(falls).max()), np.finfo(float).tiny)
    bars = {"for": "", "against": ""}
    for step, fall in enumerate(falls.tolist()):
        bars[_kind(fall)] += f"M{step + 0.1:.1f} {STRIP / 2:g}h.8v{-fall / most * STRIP / 2:.2f}h-.8z"
    paths = "".join(f'<path class="{kind}" d="{drawn}"/>' for kind, drawn in bars.items() if drawn)
    return f'<svg class="strip" viewBox="0 0 {len(falls)} {STRIP}" preserveAspectRatio="none">{paths}</svg>'


def _kind(contribution: float) -> str:
    return "for" if contribution > 0 else "against"


def _shown(text: object) -> str:
    return html.escape(clean(text))
