"""How new rows differ from those of training, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.terminal.table import shown

NOT_KEPT = (
    "Drift: not known, since the model keeps no summary of the rows that it was trained on. Models of this version do."
)


def print_drift(console: Console, result: Mapping[str, Any]) -> None:
    """Print what `many_to_one.drift` found, a sentence a line; that nothing can be said where the model is older."""
    if "drift" not in result:
        return
    if result["drift"] is None:
        console.print(NOT_KEPT)
        return
    for sentence in result["drift"]["sentences"]:
        console.print(shown(f"Drift: {sentence}"))
