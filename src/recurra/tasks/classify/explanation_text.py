"""An explanation in the terminal: coloured words, and numbers for whoever sees no colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text

from recurra.many_to_one.explain import (
    Contribution,
    Explanation,
    around_words,
    divided,
    edges_shown,
    of_no_known_word,
)
from recurra.terminal.progress import visible
from recurra.terminal.table import console as standard_output
from recurra.terminal.table import shown

LEAST_MARKED = 0.005
"""A word that contributes less would be marked with a zero."""

FAINT, STRONG = 0.1, 0.5
"""Shares of the strongest contribution: a word below the first is not coloured, one above the second is bold too."""


def print_explanation(explanation: Explanation, top: int) -> None:
    """Print the answer, the text with its words coloured and the `top` strongest marked, and what each sentence adds.

    Colour goes to a terminal alone, and not where NO_COLOR is set; the marks [+0.42] are always there.
    """
    console = standard_output()
    target = str(explanation.target)
    chance = explanation.probabilities[target]
    console.print(f"[bold]{shown(explanation.label)}[/bold]  (probability of {shown(target)}: {chance:.4f})")
    console.print()
    console.print(coloured(explanation, explanation.top(top)))
    console.print()
    console.print(
        f"[+] speaks for {shown(target)}, [-] against it: by how much its log-odds would fall without the word.",
        markup=False,
    )
    if explanation.nothing_known:
        console.print(of_no_known_word(explanation))
    if explanation.truncated:
        console.print(f"The text has {explanation.tokens:,} words and signs, more than the model reads: it was cut.")
    if explanation.span > 1:
        console.print(f"The text is long: {explanation.span} neighbouring words were hidden together.")
    if explanation.ngrams:
        console.print()
        console.print(
            f"{visible(divided(explanation))} The strongest n-grams:",
            markup=False,
        )
        ngrams = [replace(ngram, text=edges_shown(ngram.text)) for ngram in explanation.ngrams[:top]]
        console.print(_table("N-gram", ngrams))
    if len(explanation.sentences) > 1:
        console.print()
        console.print(_table("Sentence", explanation.sentences))


def coloured(explanation: Explanation, marked: Sequence[Contribution]) -> Text:
    """Return the text with every word in the colour of what it does, and numbers behind those in `marked`."""
    strongest = max((abs(word.contribution) for word in explanation.words), default=0.0) or 1.0
    marked_starts = {word.start for word in marked if abs(word.contribution) >= LEAST_MARKED}
    coloured_text = Text()
    for between, word in around_words(explanation):
        if word is None:
            coloured_text.append(_plain(between))
            continue
        share = abs(word.contribution) / strongest
        colour = "" if share < FAINT else "green" if word.contribution > 0 else "red"
        coloured_text.append(_plain(word.text), f"bold {colour}" if colour and share >= STRONG else colour)
        if word.start in marked_starts:
            coloured_text.append(f"[{word.contribution:+.2f}]", "dim")
    coloured_text.rstrip()
    return coloured_text


def _table(head: str, rows: Sequence[Contribution], width: int = 60) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(head, no_wrap=True)
    table.add_column("Contribution", justify="right")
    for row in rows:
        words = " ".join(row.text.split())
        table.add_row(shown(words if len(words) <= width else words[: width - 3] + "..."), f"{row.contribution:+.2f}")
    return table


def _plain(text: str) -> str:
    """Return text in which nothing is a terminal's command; its lines stay lines."""
    return visible(text.replace("\r\n", "\n"), keep="\n\t")
