"""`SequenceRegressor` with scikit-learn's interface."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import r2_score

import recurra
from recurra import SequenceRegressor
from recurra.errors import OptionError
from support.regressors import TINY, rated

TEXTS, NUMBERS = rated(160)
NEW, TRUTH = rated(40, seed=3)


def made(**changes: Any) -> SequenceRegressor:
    return SequenceRegressor(**{name: value for name, value in TINY.items() if name != "task"} | changes)


@pytest.fixture(scope="module")
def regressor() -> SequenceRegressor:
    return made(interval=0.8).fit(TEXTS, NUMBERS)


def test_it_predicts_scores_and_has_intervals(regressor: SequenceRegressor) -> None:
    values, ends = regressor.predict(NEW), regressor.predict_interval(NEW)
    assert np.corrcoef(values, TRUTH)[0, 1] > 0.5
    assert regressor.score(NEW, TRUTH) == pytest.approx(r2_score(TRUTH, values))
    assert ((ends[:, 0] <= values) & (values <= ends[:, 1])).all()
    assert regressor.intervals_.level == 0.8
    assert regressor.n_iter_ == len(regressor.history_) == 3


def test_it_is_saved_pickled_and_cloned(regressor: SequenceRegressor, tmp_path: Path) -> None:
    regressor.save(tmp_path / "model")
    loaded = recurra.load(tmp_path / "model", task="regress")
    np.testing.assert_allclose(loaded.predict(NEW), regressor.predict(NEW), atol=1e-4)
    again = pickle.loads(pickle.dumps(regressor))  # noqa: S301 (its own)
    np.testing.assert_allclose(again.predict_interval(NEW), regressor.predict_interval(NEW), atol=1e-4)
    assert clone(regressor).get_params() == regressor.get_params()


def test_rows_that_count_more_pull_the_numbers_towards_them() -> None:
    texts = ["same words here"] * 60
    numbers = np.tile([0.0, 10.0], 30)
    texts = [f"{text} {row}" for row, text in enumerate(texts)]
    heavy = made(ngrams=0).fit(texts, numbers, sample_weight=np.where(numbers > 5, 20.0, 1.0))
    plain = made(ngrams=0).fit(texts, numbers)
    assert heavy.predict(["same words here"])[0] > plain.predict(["same words here"])[0] + 1


@pytest.mark.parametrize(
    ("texts", "numbers", "message"),
    [
        (TEXTS, None, "y to be passed"),
        (TEXTS, ["a"] * 160, "one column of numbers"),
        (TEXTS, np.zeros((160, 2)), "got shape"),
        (TEXTS, [float("nan")] * 160, "NaN or infinity: item 0"),
        (TEXTS, NUMBERS[:9], "equally many"),
        ([3] * 160, NUMBERS, "Item 0 of X is int"),
        (TEXTS, [4.0] * 160, "one number alone"),
        ("text", NUMBERS, "must be a list of texts"),
    ],
)
def test_what_cannot_be_used_is_refused(texts: Any, numbers: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        made().fit(texts, numbers)
    with pytest.raises(OptionError, match="sample_weight"):
        made().fit(TEXTS, NUMBERS, sample_weight=[0.0] * 160)
    with pytest.raises(OptionError, match="interval"):
        made(interval=2.0).fit(TEXTS, NUMBERS)


def test_rows_that_come_later(tmp_path: Path) -> None:
    goes_on = made().partial_fit(TEXTS[:80], NUMBERS[:80])
    np.testing.assert_array_equal(goes_on.predict(NEW), made().fit(TEXTS[:80], NUMBERS[:80]).predict(NEW))
    words, before = goes_on.tokenizer_.words, goes_on.predict(["zesty zesty zesty"])[0]
    goes_on.partial_fit([*TEXTS[80:], *["zesty zesty zesty", "a zesty film"] * 5], [*NUMBERS[80:], *[5.0] * 10])
    assert goes_on.tokenizer_.words[: len(words)] == words and "zesty" in goes_on.tokenizer_.words
    assert goes_on.predict(["zesty zesty zesty"])[0] > before + 1

    goes_on.save(tmp_path / "model")
    np.testing.assert_allclose(recurra.load(tmp_path / "model").predict(NEW), goes_on.predict(NEW), atol=1e-4)
    from_file = SequenceRegressor(epochs=1, threads=1, from_=tmp_path / "model").partial_fit(TEXTS, NUMBERS)
    assert from_file.tokenizer_.words[: len(words)] == words
    with pytest.raises(OptionError, match="contradicts"):
        SequenceRegressor(hidden=9, threads=1, from_=tmp_path / "model").partial_fit(TEXTS, NUMBERS)
    with pytest.raises(OptionError, match="an ensemble"):
        made(ensemble=2, epochs=1).fit(TEXTS[:60], NUMBERS[:60]).partial_fit(TEXTS, NUMBERS)
    with pytest.raises(OptionError, match="does not go with features"):
        made(features="price").partial_fit(TEXTS, NUMBERS)
