"""The card of a base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.kernel.layout import CELL_NAMES
from recurra.pretraining.verdict import verdict
from recurra.report import wording
from recurra.report.card import bullets, escaped, made_from

_USE = (
    "```sh\nrecurra train reviews.csv --from THIS_DIRECTORY --out model\n```\n\n"
    "A base answers nothing by itself: it is what classifiers start from. They take its words, its word vectors and "
    "its recurrent layers, and learn the rest, and these further, from their labelled rows."
)


def base_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md in Markdown, from the content of metrics.json."""
    network, test, data = metrics["network"], metrics["test"], metrics["data"]
    layers = f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}), {network['direction']}"
    parts = [
        f"# A base made from {escaped(data['name'])}",
        f"{layers}, with vectors of {network['embedding']} numbers for {network['vocabulary']:,} tokens "
        f"(`--level {metrics['config']['level']}`).",
        "## Use",
        _USE,
        "## Measured",
        bullets(
            [
                f"Perplexity of the words beside a piece of {wording.count(test['rows'], 'held-out text')}: "
                f"{test['perplexity']:,.1f}.",
                f"The same by how often each word occurs: {test['perplexity_by_counts']:,.1f}.",
                *([told] if (told := verdict(test)) else []),
            ]
        ),
        "What a model gains from the base is another question; the model's own report answers it.",
        "## Made from",
        made_from(metrics),
    ]
    return wording.clean("\n\n".join(parts) + "\n")
