"""The explanation of a number as it is printed."""

from __future__ import annotations

import pytest

from recurra.tasks.regress.explanation_text import print_explanation
from support.regressors import regressor


def test_number_interval_words_and_n_grams_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = regressor().explain("w1 w2. w3 \x1b[31mw4.")
    print_explanation(explanation, 3)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{explanation.value:.6g}  (between {explanation.lo:.6g} and {explanation.hi:.6g})")
    assert "raises the number" in printed
    assert "N-gram" in printed
    assert "Sentence" in printed
    assert "\x1b[31m" not in printed
    print_explanation(regressor().explain("zork"), 3)
    assert "Nothing known was read" in capsys.readouterr().out
