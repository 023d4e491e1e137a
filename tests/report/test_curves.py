"""curves.png: a real picture, in the right colours, of whatever there is."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from recurra.report.curves import curves_png

RED, BLUE = (200, 55, 45), (36, 88, 197)


def colours(png: bytes) -> set[tuple[int, ...]]:
    """Return the colours of a picture."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return {colour for _, colour in picture.getcolors(1 << 24) or ()}  # type: ignore[misc]


def test_training_is_red_and_held_out_is_blue(binary: dict[str, Any]) -> None:
    assert {RED, BLUE} <= colours(curves_png(binary["history"]))
    assert curves_png(binary["history"]) == curves_png(binary["history"])


@pytest.mark.parametrize("history", [[], [{"epoch": 1, "train_loss": 0.7, "train_accuracy": 0.5, "valid_loss": None}]])
def test_missing_values_are_left_out(history: list[dict[str, Any]]) -> None:
    found = colours(curves_png(history))
    assert BLUE not in found
    assert (RED in found) == bool(history)
