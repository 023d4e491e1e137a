"""The report: curves as a picture, one self-contained page, and the model card."""

from __future__ import annotations

from recurra.report.card import model_card
from recurra.report.curves import curves_png
from recurra.report.html import render

__all__ = ["curves_png", "model_card", "render"]
