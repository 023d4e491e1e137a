"""The attention of a translation as one self-contained page: a table whose cells are the darker, the more attention."""

from __future__ import annotations

import html

from recurra.report.document import document
from recurra.tasks.translate.explain import GIVEN
from recurra.tasks.translate.model import Alignment

_STYLE = """body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1.5rem;
  color: CanvasText; background: Canvas; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th { font-weight: 400; padding: .2rem .5rem; text-align: right; white-space: nowrap; }
thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
td { width: 1.7rem; height: 1.7rem; border: 1px solid Canvas; background: rgba(42, 103, 186, var(--s));
  text-align: center; font-size: .65rem; }
.quiet { opacity: .75; }
"""

_BODY = """<main>
<h1 dir="auto">{target}</h1>
<p class="quiet" dir="auto">{source}</p>{given}
<p>Down: the words that were written. Across: the words that were read. The darker a square, the more attention; the
number is its percentage. Attention shows what was read, not what was used.</p>
<div class="scroll" role="region" aria-label="attention" tabindex="0"><table>
<thead><tr><td></td>{head}</tr></thead>
<tbody>
{rows}
</tbody></table></div>
</main>"""


def page(alignment: Alignment, top: int, *, given: bool = False) -> str:
    """Return the page as HTML, with the percentages of the `top` squares of each word.

    given: whether the translation is not the model's own.
    """
    head = "".join(f'<th scope="col">{_shown(word)}</th>' for word in alignment.source)
    rows = "\n".join(
        f'<tr><th scope="row">{_shown(word)}</th>'
        + "".join(_cell(share, numbered=column in numbered) for column, share in enumerate(row))
        + "</tr>"
        for word, row in zip(alignment.target, alignment.weights, strict=True)
        for numbered in [{int(column) for column in (-row).argsort(kind="stable")[:top]}]
    )
    body = _BODY.format(
        target=_shown(" ".join(alignment.target) or "(nothing was written)"),
        source=_shown(" ".join(alignment.source)),
        given=f'<p class="quiet">{html.escape(GIVEN)}</p>' if given else "",
        head=head,
        rows=rows,
    )
    return document("Recurra: what was read for each word", _STYLE, body)


def _cell(share: float, *, numbered: bool) -> str:
    number = f"{share:.0%}"[:-1] if numbered and share >= 0.1 else ""
    return f'<td style="--s:{share:.2f}" title="{share:.0%}">{number}</td>'


def _shown(text: str) -> str:
    """Return text that any file and any browser can hold, escaped."""
    sound = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return html.escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in sound))
