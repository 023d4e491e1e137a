"""The attention of a translation as a chart: a square for each written word and each source word."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from recurra.report.svg import chart, text
from recurra.report.wording import clean, shortened

CSS = ".chart .word { fill: var(--quiet); font-size: 12px; }\n"
"""Style rules of the words: on a phone they must not grow as other labels do, for the squares do not."""
_CELL = 22
_WORD = 15
"""Characters of a word that are shown."""


def attention_map(source: Sequence[str], target: Sequence[str], weights: Sequence[Sequence[float]]) -> Markup:
    """Return the map, the source across and the target down; the darker a square, the more weight.

    weights: [target, source], between 0 and 1.
    """
    side = 10 + 8.4 * max((min(_WORD, len(word)) for word in target), default=1)
    top = 14 + 5.6 * max((min(_WORD, len(word)) for word in source), default=1)
    parts = []
    for column, word in enumerate(source):
        x = side + (column + 0.62) * _CELL
        parts.append(text(x, top - 6, shortened(word, _WORD), "word", "start", -55))
    for row, word in enumerate(target):
        y = top + row * _CELL
        parts.append(text(side - 6, y + _CELL * 0.68, shortened(word, _WORD), "word", "end"))
        for column, read in enumerate(source):
            share = float(weights[row][column])
            hint = escape(clean(f"{word} from {read}: {share:.0%}"))
            parts.append(
                f'<rect x="{side + column * _CELL:.1f}" y="{y:.1f}" width="{_CELL - 2}" height="{_CELL - 2}" rx="1.5" '
                f'class="attention" fill="currentColor" fill-opacity="{0.04 + 0.9 * share:.3f}">'
                f"<title>{hint}</title></rect>"
            )
    width = side + len(source) * _CELL + 60
    name = f"Attention from {len(target)} written words to {len(source)} read words"
    strongest = [
        f"{word} from {source[max(range(len(source)), key=lambda i: weights[row][i])]}"
        for row, word in enumerate(target)
    ]
    return chart(max(width, 240), top + len(target) * _CELL + 6, name, "; ".join(strongest), parts)
