"""Rows that several models answer: every row once, in order, each with the answer to its own text."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.data.normalise import digest, normalise
from recurra.many_to_one import answered
from recurra.many_to_one.answered import answer_rows
from recurra.terminal.progress import Reporter
from support.regressors import regressor


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_every_row_is_answered_by_every_model(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(answered, "ROWS_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{i}" for i in rng.integers(0, 20, rng.integers(1, 9))) for _ in range(23)]
    models = [regressor(seed=1), regressor(seed=2)]
    rows = [(2 * number + 1, text, number / 7, [f"cell {number % 3}"]) for number, text in enumerate(texts)]
    found = answer_rows(models, rows, Reporter(quiet=True), ["column"])
    assert found.truths == [truth for _, _, truth, _ in rows]
    assert found.numbers.tolist() == [number for number, _, _, _ in rows]
    assert found.beside["column"].codes.tolist() == [number % 3 for number in range(23)]
    assert found.digests.tolist() == [digest(normalise(text)) for text in texts]
    for place, model in enumerate(models):
        np.testing.assert_allclose(found.all("values", place), model.predict(texts), rtol=1e-5)
        assert found.all("tokens", place).tolist() == [len(text.split()) for text in texts]
        assert found.known[place].rows == 23
    assert not np.allclose(found.all("values", 0), found.all("values", 1))
