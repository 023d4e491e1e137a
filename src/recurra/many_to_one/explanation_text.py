"""An explanation in the terminal: coloured words, and numbers for whoever sees no colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from recurra.many_to_one.occlusion import Contribution, Explained, around_words
from recurra.terminal.progress import visible
from recurra.terminal.table import shown

FORM = "{:+.2f}"
"""How a contribution to log-odds is written. One that is written as zero is not marked."""

FAINT, STRONG = 0.1, 0.5
"""Shares of the strongest contribution: a word below the first is not coloured, one above the second is bold too."""


def coloured(explanation: Explained, marked: Sequence[Contribution], form: str = FORM) -> Text:
    """Return the text with every word in the colour of what it does, and numbers behind those in `marked`.

    form: how a contribution is written.
    """
    strongest = max((abs(word.contribution) for word in explanation.words), default=0.0) or 1.0
    marked_starts = {word.start for word in marked if float(form.format(word.contribution))}
    coloured_text = Text()
    for between, word in around_words(explanation):
        if word is None:
            coloured_text.append(_plain(between))
            continue
        share = abs(word.contribution) / strongest
        colour = "" if share < FAINT else "green" if word.contribution > 0 else "red"
        coloured_text.append(_plain(word.text), f"bold {colour}" if colour and share >= STRONG else colour)
        if word.start in marked_starts:
            coloured_text.append(f"[{form.format(word.contribution)}]", "dim")
    coloured_text.rstrip()
    return coloured_text


def contributions(head: str, rows: Sequence[Contribution], form: str = FORM, width: int = 60) -> Table:
    """Return a table of parts of the text and what they contribute."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(head, no_wrap=True)
    table.add_column("Contribution", justify="right")
    for row in rows:
        words = " ".join(row.text.split())
        table.add_row(
            shown(words if len(words) <= width else words[: width - 3] + "..."), form.format(row.contribution)
        )
    return table


def _plain(text: str) -> str:
    """Return text in which nothing is a terminal's command; its lines stay lines."""
    return visible(text.replace("\r\n", "\n"), keep="\n\t")
