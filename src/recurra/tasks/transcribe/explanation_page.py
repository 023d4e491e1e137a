"""An explanation of a transcript as one self-contained page: the sound, the characters where they were written, and
what each was written from."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

import numpy as np

from recurra.report.document import document
from recurra.tasks.transcribe.explain import LEAST_LOSS, Explanation
from recurra.tasks.transcribe.explanation_text import least_sure, named, notes, span

BANDS = 20
"""Rows of the picture of the sound."""
SHADES = 6
SECOND = 260
"""Units of the picture's width."""
WIDEST = 4000
ROW = 18
MOST_ROWS = 120
"""Characters that have a row of their own, the first of all."""
LEFT, TOP, SOUND, BARS = 70, 40, 120, 60
BAR = TOP + SOUND + 24
ROWS = BAR + BARS + 12
FAINT = 0.05
"""Moments that lose less than this share of the most are not drawn."""

Place = Callable[[float], float]
"""From seconds to a place from the left."""

_STYLE = """body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1.5rem;
  color: CanvasText; background: Canvas; }
.scroll { overflow-x: auto; }
.quiet { opacity: .75; }
svg { display: block; font: 12px system-ui, sans-serif; }
text { fill: CanvasText; }
line { stroke: CanvasText; stroke-opacity: .25; }
.bar, .cell { fill: rgb(42, 103, 186); }
.at { fill: none; stroke: CanvasText; }
table { border-collapse: collapse; }
th, td { padding: .15rem .8rem .15rem 0; text-align: left; }
""" + "".join(f".s{shade} {{ fill: CanvasText; fill-opacity: {shade / SHADES:.2f}; }}\n" for shade in range(1, SHADES))

_BODY = """<main>
<h1 dir="auto">{text}</h1>
<p class="quiet" dir="auto">{recording}, {seconds:.2f} s</p>{notes}
<p>Above: the sound, low frequencies below, the louder the darker, and each character where the network was sure of it.
Below: how much less likely the text becomes when a moment is hidden, and, row by row, each character; the darker, the
more it loses. A frame is where the character was written.</p>
<div class="scroll" role="region" aria-label="what each character was written from" tabindex="0">
{picture}
</div>
<h2>{heading}</h2>
<div class="scroll" role="region" aria-label="characters" tabindex="0"><table>
<thead><tr><th scope="col">Character</th><th scope="col">At</th><th scope="col">Probability</th>
<th scope="col">Most lost without</th><th scope="col">Otherwise</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>
</main>"""


def page(explanation: Explanation, top: int) -> str:
    """Return the page as HTML, with a table of the `top` characters of which the model was least sure."""
    chosen = least_sure(explanation, top)
    rows = "\n".join(
        f'<tr><th scope="row">{_shown(named(one.text))}</th><td>{one.start:.2f} s</td><td>{one.probability:.0%}</td>'
        f"<td>{span(one)}</td><td>"
        + ", ".join(f"{_shown(named(text))} {value:.0%}" for text, value in one.rivals)
        + "</td></tr>"
        for one in chosen
    )
    said = notes(explanation)
    if len(explanation.characters) > MOST_ROWS:
        said.append(f"The first {MOST_ROWS} of {len(explanation.characters)} characters have a row in the picture.")
    every = len(chosen) == len(explanation.characters)
    body = _BODY.format(
        text=_shown(explanation.text) or "(nothing was understood)",
        recording=_shown(explanation.recording),
        seconds=explanation.seconds,
        notes="".join(f'\n<p class="quiet">{html.escape(note)}</p>' for note in said),
        picture=_picture(explanation),
        heading="Characters" if every else f"The {len(chosen)} characters of which it was least sure",
        rows=rows,
    )
    return document("Recurra: what each character was written from", _STYLE, body)


def _picture(explanation: Explanation) -> str:
    """Return the drawing: times from left to right, the sound, the bars and a row for each character."""
    length = float(explanation.ends[-1])
    width = min(WIDEST, max(500.0, SECOND * length))
    rows = min(MOST_ROWS, len(explanation.characters))

    def x(second: float) -> float:
        return LEFT + second / length * width

    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5) if length / step * 40 <= width)
    marks = [_text(x(mark), TOP + SOUND + 14, f"{mark:g} s") for mark in np.arange(0, length, step).round(1).tolist()]
    parts = [*_sound(explanation, x), *_labels(explanation, x), *marks, *_bars(explanation, x), *_rows(explanation, x)]
    return (
        f'<svg width="{LEFT + width + 20:.0f}" height="{ROWS + ROW * rows + 24:.0f}" role="img" aria-label="The sound '
        'over time, and how much each character loses without each moment">\n' + "\n".join(parts) + "\n</svg>"
    )


def _labels(explanation: Explanation, x: Place) -> Iterator[str]:
    """Yield each character above the sound, with a line to where it was written."""
    for one in explanation.characters:
        middle = x((one.start + one.end) / 2)
        yield _text(middle, TOP - 12, "\N{OPEN BOX}" if one.text == " " else one.text)
        yield f'<line x1="{middle:.1f}" y1="{TOP - 8}" x2="{middle:.1f}" y2="{TOP + SOUND}"/>'


def _bars(explanation: Explanation, x: Place) -> Iterator[str]:
    """Yield a bar for each moment, the higher the less likely the text is without it."""
    yield _text(0, BAR + BARS / 2, "text", "start")
    most = max(float(explanation.text_losses.max(initial=0.0)), LEAST_LOSS)
    for (start, end), loss in zip(explanation.moments.tolist(), explanation.text_losses.tolist(), strict=True):
        tall = BARS * max(0.0, loss) / most
        yield (
            f'<rect class="bar" x="{x(start):.1f}" y="{BAR + BARS - tall:.1f}" '
            f'width="{max(1.0, x(end) - x(start) - 1):.1f}" height="{tall:.1f}">{_title(start, end, loss)}</rect>'
        )


def _rows(explanation: Explanation, x: Place) -> Iterator[str]:
    """Yield a row for each character: the darker a moment, the more it loses without it."""
    for place, (one, losses) in enumerate(zip(explanation.characters, explanation.losses.tolist(), strict=True)):
        if place == MOST_ROWS:
            return
        y = ROWS + ROW * place
        yield _text(0, y + 13, named(one.text), "start")
        most = max(*losses, LEAST_LOSS)
        for (start, end), loss in zip(explanation.moments.tolist(), losses, strict=True):
            if loss >= FAINT * most:
                yield (
                    f'<rect class="cell" x="{x(start):.1f}" y="{y}" width="{x(end) - x(start):.1f}" '
                    f'height="{ROW - 2}" fill-opacity="{loss / most:.2f}">{_title(start, end, loss)}</rect>'
                )
        wide = max(2.0, x(one.end) - x(one.start))
        yield f'<rect class="at" x="{x(one.start):.1f}" y="{y}" width="{wide:.1f}" height="{ROW - 2}"/>'


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_shown(words)}</text>'


def _title(start: float, end: float, loss: float) -> str:
    return f"<title>{start:.2f}-{end:.2f} s: {loss:.2f} nats</title>"


def _sound(explanation: Explanation, x: Place) -> Iterator[str]:
    """Yield a path for each shade of the sound, the louder the darker; runs of one shade are one rectangle."""
    bands = min(BANDS, int(explanation.levels.shape[1]))
    levels = np.stack([band.mean(axis=1) for band in np.array_split(explanation.levels, bands, axis=1)])
    shades = np.minimum((levels * SHADES).astype(int), SHADES - 1)  # [bands, S]
    tall = SOUND / len(shades)
    drawn: list[list[str]] = [[] for _ in range(SHADES)]
    for band, row in enumerate(shades):
        begins = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        for start, end in zip(begins, np.r_[begins[1:], len(row)], strict=True):
            left, right = x(explanation.ends[start]), x(explanation.ends[end])
            y = TOP + SOUND - tall * (band + 1)
            drawn[row[start]].append(f"M{left:.1f} {y:.1f}H{right:.1f}v{tall:.1f}H{left:.1f}z")
    for shade, path in enumerate(drawn):
        if shade and path:
            yield f'<path class="s{shade}" d="{"".join(path)}"/>'


def _shown(text: str) -> str:
    """Return text that any file and any browser can hold, escaped."""
    sound = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return html.escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in sound))
