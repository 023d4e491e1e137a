"""Answers to texts one by one."""

from __future__ import annotations

import numpy as np

from recurra.tasks.regress.predict import predict_texts
from recurra.terminal.progress import Reporter
from support.regressors import regressor


def test_answers_are_the_models_and_texts_of_unknown_words_are_told() -> None:
    model, told = regressor(), Reporter(quiet=True)
    said: list[str] = []
    told.info = said.append  # type: ignore[method-assign]
    texts = ["w1 w2", "", "zork"]
    answers = list(predict_texts(model, texts, told))
    np.testing.assert_allclose([answer["value"] for answer in answers], model.predict(texts), atol=1e-5)
    np.testing.assert_allclose(
        [[answer["lo"], answer["hi"]] for answer in answers], model.predict_interval(texts), atol=1e-5
    )
    assert [answer["nothing_known"] for answer in answers] == [False, True, True]
    assert any("2 of 3 texts" in sentence for sentence in said)
