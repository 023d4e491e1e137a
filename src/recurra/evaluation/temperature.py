"""The bounds of a temperature; apart from what fits one, since options and shapes state them without arrays."""

from __future__ import annotations

COLDEST, HOTTEST = 0.05, 20.0
"""Bounds of the temperature: outside them, validation rows are all right, all wrong or too few to fit it."""
