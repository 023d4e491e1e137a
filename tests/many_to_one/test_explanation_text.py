"""Words with their numbers in the terminal, in whatever form numbers are written."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from recurra.many_to_one.explanation_text import coloured, contributions
from recurra.many_to_one.occlusion import Contribution

WORDS = (Contribution(0, 4, "good", 1234.5), Contribution(5, 8, "bad", -0.004), Contribution(10, 14, "film", 0.0))


def test_strong_words_are_marked_and_those_written_as_zero_are_not() -> None:
    explanation: Any = SimpleNamespace(text="good bad\x1b film", words=WORDS)
    assert coloured(explanation, WORDS).plain == "good[+1234.50] bad\\x1b film"
    assert coloured(explanation, WORDS, "{:+.3g}").plain == "good[+1.23e+03] bad[-0.004]\\x1b film"
    styles = [str(span.style) for span in coloured(explanation, ()).spans]
    assert any("green" in style for style in styles)


def test_a_table_cuts_long_parts() -> None:
    console = Console(width=200, file=StringIO())
    console.print(contributions("Word", [Contribution(0, 99, "x " * 50, 0.25)], "{:+.3f}"))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "+0.250" in printed
    assert "..." in printed
