"""Which words of the source each word of a translation was written from, by attention."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from recurra.tasks.translate.model import Alignment
from recurra.terminal.progress import visible
from recurra.terminal.table import console as standard_output

GIVEN = "This translation was given by --target; it is not the model's own."
READ = 0.15
"""Share of the attention below which a word is not named."""


def plain(alignment: Alignment) -> dict[str, Any]:
    """Return an alignment as the values of one JSON object."""
    return {
        "source": list(alignment.source),
        "target": list(alignment.target),
        "attention": [[round(float(share), 6) for share in row] for row in alignment.weights],
    }


def print_alignment(alignment: Alignment, top: int, *, given: bool = False) -> None:
    """Print each written word with at most `top` words that it was written from.

    given: whether the translation is not the model's own.
    """
    console = standard_output()
    console.print(f"[bold]{escape(visible(' '.join(alignment.target)))}[/bold]")
    console.print(f"{GIVEN}\n" if given else "")
    width = max((len(visible(word)) for word in alignment.target), default=0)
    for word, row in zip(alignment.target, alignment.weights, strict=True):
        order = sorted(range(len(row)), key=lambda column: -row[column])
        attended = [column for rank, column in enumerate(order[:top]) if row[column] >= READ or rank == 0]
        named = ", ".join(f"{visible(alignment.source[column])} {row[column]:.0%}" for column in attended)
        console.print(escape(f"{visible(word):<{width}}  {named}"))
