"""The page of an explanation: whole, and harmless whatever the text and the labels are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import recurra
from recurra.tasks.multilabel.explanation_page import page
from support.outline import HOSTILE, Outline, assert_harmless


def test_it_shows_the_answer_and_every_part(labelled_model: tuple[Path, Any]) -> None:
    model = recurra.load(labelled_model[0], task="multilabel")
    found = Outline(page(model.explain("We had soup. Then a song.", "music")))
    for words in ("speaks for music", "The words that contribute most", "N-grams", "Sentences", "Every label",
                  "music is given", "Exact, not measured by hiding"):  # fmt: skip
        assert words in found.text, words
    assert "(given)" in found.text


def test_user_text_stays_text(labelled_model: tuple[Path, Any]) -> None:
    model = recurra.load(labelled_model[0], task="multilabel")
    explained = model.explain(f"soup {HOSTILE} song")
    hostile = replace(
        explained,
        target=HOSTILE,
        label=HOSTILE,
        labels=(HOSTILE,),
        probabilities={**explained.probabilities, HOSTILE: 1},
    )
    assert_harmless(page(hostile))
