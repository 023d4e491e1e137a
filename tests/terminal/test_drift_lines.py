"""Drift on a terminal: a sentence a line, and no mark-up from data."""

from __future__ import annotations

import io
from typing import Any

from recurra.terminal.drift_lines import NOT_KEPT, print_drift
from recurra.terminal.output import Output


def _printed(result: dict[str, Any]) -> list[str]:
    file = io.StringIO()
    print_drift(Output(file=file, soft_wrap=True, highlight=False), result)
    return file.getvalue().splitlines()


def test_sentences_are_printed_as_they_are() -> None:
    assert _printed({"drift": {"sentences": ["Labels: '[red]x'.", "Two."]}}) == [
        "Drift: Labels: '[red]x'.",
        "Drift: Two.",
    ]
    assert _printed({"drift": None}) == [NOT_KEPT]
    assert _printed({}) == []
