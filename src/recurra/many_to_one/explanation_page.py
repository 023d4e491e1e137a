"""The parts of the page of an explanation: coloured words, and tables of the same numbers.

Whatever comes from the user is escaped. Colour is never the only sign: what speaks against has a dotted underline, what
speaks for a solid one, every word shows its number when pointed at, and a table has the strongest.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from recurra.many_to_one.occlusion import Contribution, Explained, around_words, of_no_known_word

FORM = "{:+.2f}"
"""How a contribution to log-odds is written."""

FAINT = 0.05
"""A word below this share of the strongest contribution is not coloured."""


def coloured(explanation: Explained, strongest: float, form: str = FORM) -> str:
    """Return the whole text, each word that counts marked; HTML line breaks in it break lines."""
    pieces = [_word(word, strongest, form) if word else escaped(between) for between, word in around_words(explanation)]
    return "".join(pieces)


def _word(word: Contribution, strongest: float, form: str) -> str:
    share = abs(word.contribution) / strongest if strongest else 0.0
    if share < FAINT:
        return escaped(word.text)
    kind = "for" if word.contribution > 0 else "against"
    number = form.format(word.contribution)
    return f'<mark class="{kind}" style="--s:{share:.2f}" title="{number}">{escaped(word.text)}</mark>'


def notes(explanation: Explained) -> list[str]:
    """Return what is to be known of how much of the text was read, a sentence each."""
    found = []
    if explanation.truncated:
        found.append(
            f"The text has {explanation.tokens:,} words and signs and is longer than the model reads: it was cut."
        )
    if explanation.span > 1:
        found.append(
            f"The text is long: {explanation.span} neighbouring words are hidden together, and share a number."
        )
    if not explanation.words:
        found.append("The text has no words.")
    elif explanation.nothing_known:
        found.append(of_no_known_word(explanation))
    return found


def contributions(
    caption: str, head: str, rows: Sequence[Contribution], strongest: float | None, form: str = FORM
) -> str:
    """Return a table of parts of the text and what they contribute; nothing without any."""
    if not rows:
        return ""
    highest = strongest or max(abs(row.contribution) for row in rows)
    lines = []
    for row in rows:
        kind = "for" if row.contribution > 0 else "against"
        share = abs(row.contribution) / highest if highest else 0.0
        number = form.format(row.contribution)
        lines.append(
            f'<tr><th scope="row" dir="auto">{escaped(row.text)}</th><td class="number">{number}</td>'
            f'<td class="bar" aria-hidden="true"><span class="{kind}" style="--w:{share:.2f}"></span></td></tr>'
        )
    return (
        f"<section>{f'<h2>{caption}</h2>' if caption else ''}"
        f'<table><thead><tr><th scope="col">{head}</th>'
        f'<th scope="col" class="number">contribution</th><td></td></tr></thead><tbody>{"".join(lines)}</tbody></table>'
        "</section>"
    )


def folded(summary: str, content: str) -> str:
    """Return content that is folded up; nothing without any."""
    return f"<details><summary>{summary}</summary>{content}</details>" if content else ""


def escaped(text: object) -> str:
    """Return text as HTML."""
    return html.escape(str(text))
