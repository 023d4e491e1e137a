"""An explanation of a series as one self-contained page: the line of each channel, coloured by what it contributes.

Whatever comes from the user is escaped. Colour is never the only sign: below each line stand bars, upwards for what
speaks for the answer and downwards for what speaks against it, and a table has the strongest.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from recurra.report.document import document
from recurra.report.lines import few, runs
from recurra.report.wording import clean, percent
from recurra.tasks.series.explain import Explanation
from recurra.tasks.series.explanation_text import meaning, signed, steps, strongest_channels

WIDE, TALL = 1000, 100
"""Units of a picture, which is stretched to the width of the page."""
LINE = 72
"""Units from the top that the line has; the bars have the rest."""
MIDDLE, BAR = 87, 13
"""Where the bars begin, and how long the longest is."""
POINTS = 24
"""Most pairs of points of a line within a window: see `few`."""
MARGIN = 5
FAINT = 0.05
"""A window below this share of the strongest contribution is not coloured."""
MOST_LABELS = 12

_STYLE = """
main { max-width: 60rem; }
figure { margin: 1.25rem 0 0; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; font-size: 0.9375rem; }
.series { display: block; width: 100%; height: 8rem; margin-top: 0.25rem; border-bottom: 1px solid var(--line); }
.series polyline { fill: none; vector-effect: non-scaling-stroke; stroke-width: 1.75px; stroke-linecap: round;
  stroke: color-mix(in srgb, rgb(var(--c, 128 128 128)) calc(100% * var(--s, 0)), var(--ink)); stroke-linejoin: round; }
.series .ground { fill: rgb(var(--c) / calc(0.28 * var(--s))); }
.series .rise { fill: rgb(var(--c)); }
.series line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.series .for { --c: var(--for); } .series .against { --c: var(--against); }
.series .hint { fill: transparent; }
.series .hint:hover { fill: rgb(128 128 128 / 0.15); }
.steps { display: flex; justify-content: space-between; font-size: 0.8125rem; color: var(--quiet); }
.small { font-size: 0.8125rem; color: var(--quiet); }
"""


def page(explanation: Explanation, top: int = 10) -> str:
    """Return the page as HTML. top: how many windows, and how many channels, the tables have."""
    strongest = max(float(np.abs(explanation.contributions).max(initial=0)), explanation.least)
    most_together = max(float(np.abs(explanation.together).max(initial=0)), explanation.least)
    answer = f"{explanation.score:.6g}" if explanation.target is None else str(explanation.answer)
    parts = [
        f'<h1 dir="auto">{_shown(answer)}</h1>',
        f'<p class="lead">{_lead(explanation)}</p>',
        *(f'<p class="note">{html.escape(note)}</p>' for note in explanation.notes),
        _legend(explanation),
        *(
            _figure(explanation, int(channel), explanation.contributions[place], strongest)
            for place, channel in enumerate(explanation.shown)
        ),
        _together(explanation, most_together) if len(explanation.channels) > 1 else "",
        _windows(explanation, top),
        _channels(explanation, top) if len(explanation.channels) > 1 else "",
        _chances(explanation),
        f'<p class="note">{_shown(meaning(explanation))} Windows that say the same stand in for each other, and then '
        "each of them contributes little.</p>",
    ]
    style = files("recurra.report").joinpath("explanation.css").read_text(encoding="utf-8") + _STYLE
    body = "\n".join(part for part in parts if part)
    return document(f"{answer}: Recurra explanation", style, f"<main>\n{body}\n</main>")


def _lead(explanation: Explanation) -> str:
    name = f"{_shown(explanation.name)}, " if explanation.name else ""
    count, channels = len(explanation.values), len(explanation.channels)
    size = f"{count:,} step{'s' * (count != 1)} of {channels:,} channel{'s' * (channels != 1)}"
    if explanation.target is None:
        return (
            f'<span dir="auto">{name}</span>{size}: the model predicts <b>{explanation.score:.6g}</b>. Each window is '
            "coloured by how much the number would fall without it."
        )
    target = str(explanation.target)
    return (
        f'<span dir="auto">{name}</span>{size}: the model gives <b dir="auto">{_shown(target)}</b> a probability of '
        f"{percent(explanation.probabilities[target])}. Each window is coloured by how much the log-odds of that label "
        "would fall without it."
    )


def _legend(explanation: Explanation) -> str:
    target = explanation.target
    pro, contra = ("makes the number larger", "makes it smaller")
    if target is not None:
        pro, contra = f"speaks for {_shown(target)}", "speaks against it"
    return (
        f'<p class="legend"><mark class="for" style="--s:0.7">{pro}</mark> '
        f'<mark class="against" style="--s:0.7">{contra}</mark> <span class="quiet">bars upwards and downwards say the '
        "same; point at a window for its number</span></p>"
    )


def _figure(explanation: Explanation, channel: int, contributions: NDArray[np.float64], most: float) -> str:
    """Return the line of a channel, its bars and its steps."""
    values = explanation.values[:, channel]
    known = values[np.isfinite(values)]
    between = f"{known.min():.4g} to {known.max():.4g}" if len(known) else "no value is known"
    missing = len(values) - len(known)
    said = f"{between}, {missing:,} missing" if missing and len(known) else between
    name = _shown(explanation.channels[channel])
    picture = "".join([*_grounds(explanation, contributions, most), *_line(explanation, values, contributions, most)])
    whole = signed(explanation, float(explanation.hidden[channel]))
    return _captioned(
        explanation,
        f'<span><b dir="auto">{name}</b> <span class="small">{said}</span></span>'
        f'<span class="small">all of it contributes {whole}</span>',
        f"{name}: its values over time, and what each window contributes",
        picture,
    )


def _together(explanation: Explanation, most: float) -> str:
    """Return the bars of the windows in all channels together."""
    return _captioned(
        explanation,
        '<span><b>All channels together</b></span><span class="small">on a scale of its own</span>',
        "What each window contributes in all channels together",
        "".join(_bars(explanation, explanation.together, most, TALL / 2, TALL / 2 - 2)),
    )


def _captioned(explanation: Explanation, caption: str, label: str, picture: str) -> str:
    steps_ = len(explanation.values)
    return (
        f"<figure><figcaption>{caption}</figcaption>"
        f'<svg class="series" viewBox="0 0 {WIDE} {TALL}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'{picture}</svg><div class="steps" aria-hidden="true"><span>step 1</span>'
        + (f"<span>{steps_:,}</span>" if steps_ > 1 else "")
        + "</div></figure>"
    )


def _grounds(explanation: Explanation, contributions: NDArray[np.float64], most: float) -> Iterator[str]:
    """Yield the ground and the bar of each window."""
    for window, contribution in enumerate(contributions.tolist()):
        if (share := abs(contribution) / most) >= FAINT:
            left, wide = _place(explanation, window)
            yield (
                f'<rect class="ground {_kind(contribution)}" style="--s:{share:.2f}" x="{left:.1f}" y="0" '
                f'width="{wide:.1f}" height="{LINE}"/>'
            )
    yield from _bars(explanation, contributions, most, MIDDLE, BAR)


def _bars(
    explanation: Explanation, contributions: NDArray[np.float64], most: float, middle: float, longest: float
) -> Iterator[str]:
    """Yield a bar for each window, upwards where it speaks for the answer, and a place to point at."""
    yield f'<line x1="0" y1="{middle:g}" x2="{WIDE}" y2="{middle:g}"/>'
    for window, contribution in enumerate(contributions.tolist()):
        left, wide = _place(explanation, window)
        tall = abs(contribution) / most * longest
        if abs(contribution) >= explanation.least:
            top = middle - tall if contribution > 0 else middle
            yield (
                f'<rect class="rise {_kind(contribution)}" x="{left + wide * 0.1:.1f}" y="{top:.2f}" '
                f'width="{wide * 0.8:.1f}" height="{tall:.2f}"/>'
            )
        hint = f"steps {steps(explanation, window)}: {signed(explanation, contribution)}"
        yield (
            f'<rect class="hint" x="{left:.1f}" y="0" width="{wide:.1f}" height="{TALL}"><title>{hint}</title></rect>'
        )


def _line(
    explanation: Explanation, values: NDArray[np.float32], contributions: NDArray[np.float64], most: float
) -> Iterator[str]:
    """Yield the line through the values, a piece for each window, broken where values are missing."""
    known = np.isfinite(values)
    low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 1.0)
    for window, contribution in enumerate(contributions.tolist()):
        start, end = (int(edge) for edge in explanation.windows[window])
        share = abs(contribution) / most
        look = f' class="{_kind(contribution)}" style="--s:{min(1.0, share):.2f}"' if share >= FAINT else ""
        for run in runs(known[start : end + 1]):  # and the first step of the next, which it leads to
            places = few(values, np.arange(start + run.start, start + run.stop), POINTS)
            points = [(_x(explanation, place), _y(float(values[place]), low, high)) for place in places.tolist()]
            joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in (points if len(points) > 1 else points * 2))
            yield f'<polyline{look} points="{joined}"/>'


def _x(explanation: Explanation, step: int) -> float:
    """Return where a step is: in the middle of its part of the picture."""
    return (step + 0.5) / len(explanation.values) * WIDE


def _y(value: float, low: float, high: float) -> float:
    share = 0.5 if high == low else (value - low) / (high - low)
    return LINE - MARGIN - share * (LINE - 2 * MARGIN)


def _place(explanation: Explanation, window: int) -> tuple[float, float]:
    """Return where a window begins, and how wide it is."""
    start, end = (int(edge) / len(explanation.values) * WIDE for edge in explanation.windows[window])
    return start, end - start


def _windows(explanation: Explanation, top: int) -> str:
    rows = [
        (f"{_named(explanation, place)} <span class='quiet'>{steps(explanation, window)}</span>", contribution)
        for place, window, contribution in explanation.strongest(top)
    ]
    if not rows:
        return '<p class="note">No window of a single channel contributes anything.</p>'
    return _table(explanation, "The windows that contribute most", "channel and steps", rows)


def _named(explanation: Explanation, place: int) -> str:
    return _shown(explanation.channels[int(explanation.shown[place])])


def _channels(explanation: Explanation, top: int) -> str:
    order = strongest_channels(explanation, top)
    rows = [(_shown(explanation.channels[channel]), float(explanation.hidden[channel])) for channel in order]
    return _table(explanation, "Whole channels", "channel", rows)


def _table(explanation: Explanation, caption: str, head: str, rows: Sequence[tuple[str, float]]) -> str:
    """Return a table. rows: (escaped name, contribution)."""
    highest = max(max(abs(contribution) for _, contribution in rows), explanation.least)
    lines = "".join(
        f'<tr><th scope="row" dir="auto">{name}</th><td class="number">{signed(explanation, contribution)}</td>'
        f'<td class="bar" aria-hidden="true"><span class="{_kind(contribution)}" '
        f'style="--w:{abs(contribution) / highest:.2f}"></span></td></tr>'
        for name, contribution in rows
    )
    return (
        f'<section><h2>{caption}</h2><table><thead><tr><th scope="col">{head}</th>'
        f'<th scope="col" class="number">contribution</th><td></td></tr></thead><tbody>{lines}</tbody></table>'
        "</section>"
    )


def _chances(explanation: Explanation) -> str:
    """Return the probabilities of the likeliest labels; nothing for a number."""
    ranked = sorted(explanation.probabilities.items(), key=lambda pair: -pair[1])
    if not ranked:
        return ""
    lines = "".join(
        f'<tr><th scope="row" dir="auto">{_shown(label)}</th><td class="number">{percent(chance)}</td></tr>'
        for label, chance in ranked[:MOST_LABELS]
    )
    more = f'<p class="note">and {len(ranked) - MOST_LABELS} more</p>' if len(ranked) > MOST_LABELS else ""
    return (
        '<section><h2>Probabilities</h2><table><thead><tr><th scope="col">label</th>'
        f'<th scope="col" class="number">probability</th></tr></thead><tbody>{lines}</tbody></table>{more}</section>'
    )


def _kind(contribution: float) -> str:
    return "for" if contribution > 0 else "against"


def _shown(text: object) -> str:
    return html.escape(clean(text))
