"""Texts are translated one by one, as the model itself translates them."""

from __future__ import annotations

import pytest

import recurra
from recurra.errors import OptionError
from recurra.tasks.translate.predict import translate_texts
from support.written_models import MODELS

TEXTS = ["the film was good", "", "a river " * 60]


def test_answers_are_the_models_with_score_and_cut() -> None:
    model = recurra.load(MODELS / "translate", task="translate")
    answers = list(translate_texts(model, iter(TEXTS), beam=2))
    assert [answer["translation"] for answer in answers] == model.translate(TEXTS, beam=2)
    assert [answer["truncated"] for answer in answers] == [False, False, True]
    assert all(isinstance(answer["score"], float) for answer in answers)
    with pytest.raises(OptionError, match="beam"):
        next(translate_texts(model, TEXTS, beam=0))
