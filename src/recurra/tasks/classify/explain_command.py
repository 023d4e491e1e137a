"""`recurra explain`: what each word and each sentence of a text contributes to the answer. Base installation only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.errors import OutputError
from recurra.storage.files import atomic_write
from recurra.tasks.classify.explain import Explanation
from recurra.tasks.classify.explanation_page import page
from recurra.tasks.classify.model import load


def explain(
    directory: Path,
    text: str,
    target: str | None = None,
    *,
    top: int = 10,
    html: Path | None = None,
    overwrite: bool = False,
) -> Explanation:
    """Explain a model's answer to `text`.

    target: the label to explain (None: the answer). html: write the page of it there, which appears when it is whole;
    top: how many words its table has. Raises OutputError where there is such a file and `overwrite` does not say to
    replace it.
    """
    if html is not None and html.exists() and not overwrite:
        raise OutputError(f"--html {html} is there already. Choose another name, or replace it with --overwrite.")
    explanation = load(directory).explain(text, target)
    if html is not None:
        atomic_write(html, page(explanation, top).encode())
    return explanation


def plain(explanation: Explanation, html: Path | None) -> dict[str, Any]:
    """Return an explanation as the values of one JSON object, with the name of the page where one was written."""
    return explanation.to_dict() | ({"html": str(html)} if html is not None else {})
