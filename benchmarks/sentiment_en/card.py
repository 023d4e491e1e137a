"""The model card of sentiment-en."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

TITLES = {
    "imdb": "IMDB reviews (long)",
    "rotten-tomatoes": "Rotten Tomatoes, one sentence",
    "sst-dev": "SST dev, one sentence",
    "products": "product reviews, one sentence",
    "restaurants": "restaurant reviews, one sentence",
}

CARD = Path(__file__).with_name("card.md")
"""The card, with places in braces for what was measured."""


def model_card(measured: Mapping[str, Any], rows: Mapping[str, int], tokens: int) -> str:
    """Return the card in Markdown. measured: as `measure` returns it; rows: of the training table, by kind."""
    listed = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    imdb = measured.get("imdb", {}).get("rows", 0)
    template = CARD.read_text(encoding="utf-8")
    return template.format(table=_table(measured), rows=f"{listed}.", tokens=tokens, imdb=f"{imdb:,}")


def _table(measured: Mapping[str, Any]) -> str:
    peers = list(next(iter(measured.values()))["peers"])
    head = ["held-out set", "rows", "sentiment-en", "log loss", "calibration error", *peers]
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    for name, scores in measured.items():
        low, high = scores["accuracy_ci95"]
        cells = [
            TITLES[name],
            f"{scores['rows']:,}",
            f"**{scores['accuracy']:.1%}** [{low:.1%} to {high:.1%}]",
            f"{scores['log_loss']:.3f}",
            f"{scores['ece']:.3f}",
            *(f"{scores['peers'][peer]['accuracy']:.1%}" for peer in peers),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
