"""What `recurra explain` prints of a label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.tasks.multilabel.explanation_text import print_explanation


def test_the_answer_the_words_and_the_n_grams(
    labelled_model: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    model = recurra.load(labelled_model[0], task="multilabel")
    print_explanation(model.explain("We had soup. Then a song.", "music"), 3)
    printed = capsys.readouterr().out
    assert printed.splitlines()[0] in ("food, music", "music, food")
    assert "music is given: its probability is" in printed
    assert "song[+" in printed and "speaks for music" in printed
    assert "The strongest n-grams:" in printed and "Sentence" in printed
    print_explanation(model.explain("zzzz \x1b[31m", "sport"), 3)
    unknown = capsys.readouterr().out
    assert unknown.startswith("no label") or "sport" in unknown
    assert "\x1b" not in unknown and "read" in unknown
