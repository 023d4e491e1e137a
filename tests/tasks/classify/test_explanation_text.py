"""The coloured text of an explanation in a terminal."""

from __future__ import annotations

import pytest

from recurra.tasks.classify.explain import Contribution, Explanation


def test_notes_on_texts_that_are_long(capsys: pytest.CaptureFixture[str]) -> None:
    from recurra.tasks.classify.explanation_text import print_explanation

    words = (Contribution(0, 9, "good film", 0.5),)
    print_explanation(
        Explanation("good film, more", "pos", "pos", {"pos": 0.9, "neg": 0.1}, 2.2, words, words, 2, 700, True), 1
    )
    shown = capsys.readouterr().out
    assert "The text has 700 words and signs, more than the model reads: it was cut." in shown
    assert "2 neighbouring words were hidden together" in shown
    assert "good film[+0.50], more" in shown
