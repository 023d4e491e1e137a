"""What a reader gets to see: the HTML report, the learning curves and the model card."""

from __future__ import annotations

from recurra.report.card import model_card
from recurra.report.curves import curves_png
from recurra.report.html import render
from recurra.report.words import Verdict, verdict

__all__ = ["Verdict", "curves_png", "model_card", "render", "verdict"]
