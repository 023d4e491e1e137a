"""`recurra explain` with a translator: which words each word was written from. Base installation only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from recurra.errors import OutputError
from recurra.storage.files import atomic_write
from recurra.tasks.translate.attention_page import page
from recurra.tasks.translate.model import Alignment
from recurra.tasks.translate.predict import opened
from recurra.terminal.progress import visible

READ = 0.15
"""Share of the attention below which a word is not named."""


def explain_translation(
    directory: Path, text: str, translation: str | None = None, *, html: Path | None = None, overwrite: bool = False
) -> Alignment:
    """Return where the attention lay for each word of the translation of `text` (None: the model's own).

    html: write the map as a page there. Raises OutputError where there is such a file and `overwrite` does not say to
    replace it.
    """
    if html is not None and html.exists() and not overwrite:
        raise OutputError(f"--html {html} is there already. Choose another name, or replace it with --overwrite.")
    found = opened(directory).align(text, translation)
    if html is not None:
        atomic_write(html, page(found).encode())
    return found


def plain(alignment: Alignment, html: Path | None = None) -> dict[str, Any]:
    """Return an alignment as the values of one JSON object, with the name of the page where one was written."""
    return {
        "source": list(alignment.source),
        "target": list(alignment.target),
        "attention": [[round(float(share), 6) for share in row] for row in alignment.weights],
    } | ({"html": str(html)} if html is not None else {})


def said(alignment: Alignment) -> None:
    """Print each written word with the words that it was written from."""
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    console.print(f"[bold]{escape(visible(' '.join(alignment.target)))}[/bold]\n")
    width = max((len(visible(word)) for word in alignment.target), default=0)
    for word, row in zip(alignment.target, alignment.weights, strict=True):
        order = sorted(range(len(row)), key=lambda place: -row[place])
        read = [place for rank, place in enumerate(order) if row[place] >= READ or rank == 0]
        named = ", ".join(f"{visible(alignment.source[place])} {row[place]:.0%}" for place in read)
        console.print(escape(f"{visible(word):<{width}}  {named}"))
